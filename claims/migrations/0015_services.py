"""The services that number shops sell most, and the names under which they sell them.

The slugs are the names of 5sim's products. The codes of two letters are those of `handler_api`,
which many shops and suppliers speak. They were compared with public client libraries; a code that
two of them give to different services, such as `li` or `hw`, is left out. So is `ot`, *Any other*:
it doesn't say which service it is.
"""

from unicodedata import normalize

from django.db import migrations
from django.utils import timezone

# Slug; name; names by language; other names.
SERVICES = """
1688; 1688; zh=阿里巴巴1688; hn
aliexpress; AliExpress; ; hx
airbnb; Airbnb; ; uk
amazon; Amazon; ; am
aol; AOL; ; pm
apple; Apple; ; wx
avito; Avito; ru=Авито; av
badoo; Badoo; ; qv
bigolive; BIGO LIVE; ; bl
blablacar; BlaBlaCar; ; ua
blizzard; Blizzard; ; bz
bolt; Bolt; ; tx
bumble; Bumble; ; mo
coinbase; Coinbase; ; re
discord; Discord; ; ds
ebay; eBay; ; dh
facebook; Facebook; ; fb
fiverr; Fiverr; ; cn
flipkart; Flipkart; ; xt
foodpanda; foodpanda; ; nz
glovo; Glovo; ; aq
gojek; Gojek; ; ni
google; Google; ; go | google,youtube,gmail | google, youtube, gmail
grabtaxi; Grab; ; jg
grindr; Grindr; ; yw
happn; happn; ; df
hinge; Hinge; ; vz
imo; imo; ; im
indriver; inDrive; ; rl
instagram; Instagram; ; ig | instagram+threads
kakaotalk; KakaoTalk; ko=카카오톡; kt
lazada; Lazada; ; dl
line; LINE; ; me | line messenger
linkedin; LinkedIn; ; tn
mailru; Mail.ru; ; ma
mercado; Mercado; ; cq
microsoft; Microsoft; ; mm
naver; Naver; ko=네이버; nv
netflix; Netflix; ; nf
nike; Nike; ; ew
odnoklassniki; OK.ru; ru=Одноклассники; ok
offerup; OfferUp; ; zm
olx; OLX; ; sn
openai; OpenAI; ; dr
ozon; OZON; ru=Озон; sg
paypal; PayPal; ; ts
pof; POF; ; pf | pof.com
proton; Proton; ; dp | protonmail
shopee; Shopee; ; ka
signal; Signal; ; bw
skout; Skout; ; wg
snapchat; Snapchat; ; fu
steam; Steam; ; mt
taobao; Taobao; zh=淘宝; qd
telegram; Telegram; ru=Телеграм; tg
tencentqq; QQ; ; qq | tencent qq
tiktok; TikTok; ; lf | tiktok/douyin
tinder; Tinder; ; oi
truecaller; Truecaller; ; tl
twitch; Twitch; ; hb
twitter; X (Twitter); ; tw
uber; Uber; ; ub
viber; Viber; ; vi
vkontakte; VK; ru=ВКонтакте; vk | vk.com
wechat; WeChat; zh=微信; wb
weibo; Weibo; zh=微博; kf
whatsapp; WhatsApp; ; wa
wildberries; Wildberries; ; uu
yahoo; Yahoo; ; mb
yandex; Yandex; ru=Яндекс; ya
zalo; Zalo; ; mj
"""


def add_services(apps, schema_editor):
    Service = apps.get_model("claims", "Service")
    ServiceAlias = apps.get_model("claims", "ServiceAlias")
    now = timezone.now()
    for line in SERVICES.strip().splitlines():
        slug, name, by_language, others = (part.strip() for part in line.split(";"))
        names = dict(pair.split("=") for pair in by_language.split())
        Service.objects.create(
            slug=slug, name=name, names=names, follows_telegram_rules=slug == "telegram"
        )
        aliases = [slug, name, *names.values(), *others.split(" | ")]
        ServiceAlias.objects.bulk_create(
            ServiceAlias(folded=folded, as_sent=alias, service_id=slug, made_at=now)
            for folded, alias in {fold(alias): alias for alias in reversed(aliases)}.items()
        )


def fold(name):
    """Return the name as `claims.formats.folding.folded` does."""
    return " ".join(normalize("NFKC", normalize("NFKC", name).casefold()).split())


class Migration(migrations.Migration):
    dependencies = [("claims", "0014_first_policy")]

    operations = [migrations.RunPython(add_services, migrations.RunPython.noop)]
