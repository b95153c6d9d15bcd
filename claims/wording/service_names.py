"""The names of services, as they write themselves."""

from __future__ import annotations

# Services whose names are not their slug with a capital letter.
SERVICE_NAMES = {
    "whatsapp": "WhatsApp",
    "tiktok": "TikTok",
    "wechat": "WeChat",
    "openai": "OpenAI",
    "chatgpt": "ChatGPT",
    "paypal": "PayPal",
    "youtube": "YouTube",
    "linkedin": "LinkedIn",
    "ebay": "eBay",
    "vk": "VK",
    "kakaotalk": "KakaoTalk",
}


def service_name(service: str) -> str:
    """A service as it writes itself: `whatsapp` is WhatsApp."""
    known = SERVICE_NAMES.get(service)
    return known or service.replace("_", " ").replace("-", " ").capitalize()
