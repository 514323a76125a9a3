// The scripts, the style sheet and the icon of the console, compiled in.
#ifndef INTERLOCK_CASSETS_H
#define INTERLOCK_CASSETS_H

#include <stddef.h>

enum interlock_asset_name {
    // One column on a telephone, wider if there is room, light or dark like the system, black on white in print.
    INTERLOCK_CONSOLE_CSS,
    // Refreshes changed parts of pages, which are complete without it, and disables a button until everything was read;
    // the server enforces the same condition. It creates no markup: changed parts come as a page of the server, which
    // the browser parses as an inert document.
    INTERLOCK_CONSOLE_JS,
    // Contact with the gateway: says on the page that it is lost, turns acts off with the reason, and brings the page up
    // to date after it returned. Appended to the console's.
    INTERLOCK_CONTACT_JS,
    // The palette and the dialogs of a page. The rows of the palette come as a page of the server.
    INTERLOCK_PALETTE_JS,
    // Single keys, off in fields and by a setting; they lead to pages and change nothing. Appended to the palette's.
    INTERLOCK_SHORTCUTS_JS,
    // Keeps relative times current, and offers to copy ids that are shown in part. Appended to the console's. It creates
    // buttons with fixed words alone.
    INTERLOCK_VALUES_JS,
    // The key of the session, and requests proven by it. Every page loads it before its other scripts, which use its
    // functions through the name `interlock`. The key pair is stored in IndexedDB of this exact origin; its private key
    // cannot be exported to scripts.
    INTERLOCK_SESSION_JS,
    // Sends forms of a session and fetches downloads, both with proofs, without which they are refused. Appended to the
    // session's. The response to a form is a page of the server, which the browser parses as an inert document.
    INTERLOCK_FORMS_JS,
    // Shared by all scripts that use passkeys: these functions transfer bytes between browser and server, and the
    // server verifies them. The session's script is appended to it and offers its functions.
    INTERLOCK_PASSKEY_USE_JS,
    // The passkey ceremonies: signing in, enrolling, approving. It creates no markup.
    INTERLOCK_PASSKEYS_JS,
    // Orders by passkey: a form marked as an order requests the bytes of the order, has a passkey sign them, sends the
    // signed order and opens its page. It creates no markup.
    INTERLOCK_ORDERS_JS,
    // Draws charts from their tables, again whenever a part of the page is replaced or the colour scheme changes.
    // Nothing is animated.
    INTERLOCK_CHARTS_JS,
    // Two interlocking rings.
    INTERLOCK_ICON_SVG,
    // The same with a dot, while something waits for the viewer.
    INTERLOCK_ICON_WAITING_SVG,
    // The same in grey, with a stroke through it, while there is no contact with the gateway.
    INTERLOCK_ICON_LOST_SVG,
};

struct interlock_asset {
    const unsigned char *bytes;  // static
    size_t count;                // without the line break that ends the file
};

struct interlock_asset interlock_asset(enum interlock_asset_name name);

#endif
