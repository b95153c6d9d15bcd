"""The names of services in their own spelling."""

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
    """Return the service's name in its own spelling: WhatsApp for `whatsapp`."""
    known = SERVICE_NAMES.get(service)
    return known or service.replace("_", " ").replace("-", " ").capitalize()
