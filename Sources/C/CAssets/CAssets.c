// Embeds the files of the folder `files` (C23, 6.10.4).
#include "CAssets.h"

static const unsigned char console_css[] = {
#embed "files/console.css"
};
static const unsigned char console_js[] = {
#embed "files/console.js"
};
static const unsigned char contact_js[] = {
#embed "files/contact.js"
};
static const unsigned char palette_js[] = {
#embed "files/palette.js"
};
static const unsigned char shortcuts_js[] = {
#embed "files/shortcuts.js"
};
static const unsigned char values_js[] = {
#embed "files/values.js"
};
static const unsigned char session_js[] = {
#embed "files/session.js"
};
static const unsigned char forms_js[] = {
#embed "files/forms.js"
};
static const unsigned char passkey_use_js[] = {
#embed "files/passkey-use.js"
};
static const unsigned char passkeys_js[] = {
#embed "files/passkeys.js"
};
static const unsigned char orders_js[] = {
#embed "files/orders.js"
};
static const unsigned char charts_js[] = {
#embed "files/charts.js"
};
static const unsigned char icon_svg[] = {
#embed "files/icon.svg"
};
static const unsigned char icon_waiting_svg[] = {
#embed "files/icon-waiting.svg"
};
static const unsigned char icon_lost_svg[] = {
#embed "files/icon-lost.svg"
};

#define ASSET(file) ((struct interlock_asset){file, sizeof(file) - 1})

struct interlock_asset interlock_asset(enum interlock_asset_name name) {
    switch (name) {
    case INTERLOCK_CONSOLE_CSS: return ASSET(console_css);
    case INTERLOCK_CONSOLE_JS: return ASSET(console_js);
    case INTERLOCK_CONTACT_JS: return ASSET(contact_js);
    case INTERLOCK_PALETTE_JS: return ASSET(palette_js);
    case INTERLOCK_SHORTCUTS_JS: return ASSET(shortcuts_js);
    case INTERLOCK_VALUES_JS: return ASSET(values_js);
    case INTERLOCK_SESSION_JS: return ASSET(session_js);
    case INTERLOCK_FORMS_JS: return ASSET(forms_js);
    case INTERLOCK_PASSKEY_USE_JS: return ASSET(passkey_use_js);
    case INTERLOCK_PASSKEYS_JS: return ASSET(passkeys_js);
    case INTERLOCK_ORDERS_JS: return ASSET(orders_js);
    case INTERLOCK_CHARTS_JS: return ASSET(charts_js);
    case INTERLOCK_ICON_SVG: return ASSET(icon_svg);
    case INTERLOCK_ICON_WAITING_SVG: return ASSET(icon_waiting_svg);
    case INTERLOCK_ICON_LOST_SVG: return ASSET(icon_lost_svg);
    }
    __builtin_unreachable();
}
