import InterlockModel
package import InterlockPorts

extension HeadDecision {
    /// Returns the same decision, but 415 for a body with a content coding.
    package func refusingCoded(_ head: RequestHead) -> HeadDecision {
        guard case .readBody = self, let refusal = head.codedBodyRefusal else { return self }
        return .refuse(refusal)
    }
}

extension RequestHead {
    /// Is nil unless the body has a content coding: none is decoded, because the decision must be about the bytes as
    /// received.
    var codedBodyRefusal: HTTPResponse? {
        guard contentLength ?? 0 > 0 || self["transfer-encoding"] != nil,
            headers.contains(where: { $0.name == "content-encoding" && !Self.isIdentity($0.value) })
        else { return nil }
        return .plain(415, "the content encoding must be identity")
    }

    private static func isIdentity(_ coding: String) -> Bool {
        coding.utf8.elementsEqual("identity".utf8) { $0 | 0x20 == $1 }
    }
}
