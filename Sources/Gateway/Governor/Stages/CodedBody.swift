import InterlockModel
package import InterlockPorts

extension HeadDecision {
    /// The same, but 415 for a body under a coding.
    package func refusingCoded(_ head: RequestHead) -> HeadDecision {
        guard case .readBody = self, let refusal = head.codedBodyRefusal else { return self }
        return .refuse(refusal)
    }
}

extension RequestHead {
    /// Is nil unless a body comes under a coding: none is decoded here, and what is judged must be the bytes
    /// that came.
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
