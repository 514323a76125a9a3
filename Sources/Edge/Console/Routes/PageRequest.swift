import InterlockAPI
import InterlockAdministration
import InterlockGovernor
import InterlockPorts

/// Checks every request for a page before its body is read, by its origin and the methods that its path accepts.
struct PageRequest {
    /// The requests that a path accepts.
    enum Takes {
        /// Reading only.
        case reading
        /// A form of this origin.
        case form(limitBytes: Int)
        /// Reading, and a form sent to the same address.
        case both(limitBytes: Int)
    }

    let origins: OwnOrigins

    /// - Parameters:
    ///   - takes: nil for a path that does not exist.
    ///   - none: the response for such a path.
    ///   - refusal: creates a response from a status and one sentence.
    func judge(
        _ head: RequestHead, takes: Takes?, none: @autoclosure () -> HTTPResponse,
        refusal: (Int, String) -> HTTPResponse
    ) -> HeadDecision {
        guard let origin = origins.origin(of: head) else {
            return .refuse(refusal(421, "This name is not served here."))
        }
        guard head["authorization"] == nil else {
            return .refuse(refusal(403, "Tokens count for nothing on pages."))
        }
        guard let takes else { return .refuse(none()) }
        switch (head.method, takes) {
        case ("GET", .reading), ("HEAD", .reading), ("GET", .both), ("HEAD", .both):
            // Any site may link here; content that another page embeds would carry the viewer's cookie.
            guard
                head.isAskedHere || head["sec-fetch-dest"] == "document"
            else { return .refuse(refusal(403, "This is shown on no other page.")) }
            return .readBody(limitBytes: 0)
        case ("POST", .form(let limit)), ("POST", .both(let limit)):
            return judgeForm(head, from: origin, limit, refusal)
        case (_, .reading): return .refuse(refusal(405, "This can only be read.").allowing(.reads))
        case (_, .form): return .refuse(refusal(405, "This only takes a form.").allowing(.forms))
        case (_, .both):
            return .refuse(
                refusal(405, "This can be read, or sent as a form.").allowing(.readsAndForms))
        }
    }

    private func judgeForm(
        _ head: RequestHead, from origin: String, _ limitBytes: Int,
        _ refusal: (Int, String) -> HTTPResponse
    ) -> HeadDecision {
        // Browsers send `Origin` with each form; a request without it does not come from a page of ours. If
        // `Sec-Fetch-Site` is missing, `Origin` alone decides.
        guard head["origin"] == origin, head.isSentByOwnPage else {
            return .refuse(refusal(403, "This form comes from another page."))
        }
        guard head.mediaType == FormBody.mediaType else {
            return .refuse(refusal(415, "A form is expected."))
        }
        return .readBody(limitBytes: limitBytes)
    }
}

private enum Methods: String {
    case reads = "GET, HEAD"
    case forms = "POST"
    case readsAndForms = "GET, HEAD, POST"
}

extension HTTPResponse {
    fileprivate func allowing(_ methods: Methods) -> HTTPResponse {
        var response = self
        response.headers.append(("allow", methods.rawValue))
        return response
    }
}
