import InterlockAdministration
import InterlockGovernor
import InterlockPorts

/// Where the console is at home, as browsers spell it: `https://interlock.example`.
struct OwnOrigins: Sendable {
    let texts: [String]

    /// The one that a request came to; nil for another name, which is another page's way to this machine.
    func origin(of head: RequestHead) -> String? {
        head["host"].flatMap { host in
            texts.first { $0 == "http://" + host || $0 == "https://" + host }
        }
    }
}

extension RequestHead {
    /// Whether its browser says that a page of this origin sent it. A browser or program that says nothing of the site is
    /// judged by what else it brings.
    var isSentByOwnPage: Bool { ["same-origin", nil].contains(self["sec-fetch-site"]) }

    /// The same, or that a person asked for it: nothing that another page embeds.
    var isAskedHere: Bool { isSentByOwnPage || self["sec-fetch-site"] == "none" }

    /// The type of the body without its parameters, in small letters; empty where there is none.
    var mediaType: String {
        let type = self["content-type"]?.split(separator: ";").first ?? ""
        return type.lowercased().filter { $0 != " " }
    }
}
