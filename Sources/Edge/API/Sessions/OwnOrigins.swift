import InterlockAdministration
import InterlockGovernor
import InterlockMarkup
package import InterlockPorts

/// The origins of the console, as browsers write them: `https://interlock.example`.
///
/// INVARIANT: a page belongs to the session that requests it, a ceremony to one browser, and neither can be had from
/// another origin. Kept by `EntryTests`, `RouteTests`, `test_console_serve.py`, `test_console_attacks.py`.
package struct OwnOrigins: Sendable {
    let texts: [String]

    package init(texts: [String]) { self.texts = texts }

    /// Returns the origin that a request was sent to, or nil for another name, through which another site could reach
    /// this machine.
    package func origin(of head: RequestHead) -> String? {
        head["host"].flatMap { host in
            texts.first { $0 == "http://" + host || $0 == "https://" + host }
        }
    }
}

extension RequestHead {
    /// True if the browser states that a page of this origin sent the request. A client that sends no such header is
    /// judged by the rest of the request.
    package var isSentByOwnPage: Bool { ["same-origin", nil].contains(self["sec-fetch-site"]) }

    /// True also if a person opened the address directly; false for content that another page embeds.
    package var isAskedHere: Bool { isSentByOwnPage || self["sec-fetch-site"] == "none" }

    /// The type of the body in lower case without its parameters; empty if the header is missing.
    package var mediaType: String {
        let type = self["content-type"]?.split(separator: ";").first ?? ""
        return type.lowercased().filter { $0 != " " }
    }
}
