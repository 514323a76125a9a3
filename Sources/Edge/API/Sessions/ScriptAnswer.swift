import InterlockAdministration
package import InterlockEvidence
import InterlockGovernor
package import InterlockJSON
import InterlockMarkup
package import InterlockModel
package import InterlockPorts

extension HTTPResponse {
    /// A JSON response for a page's script or a program.
    package static func script(
        _ status: Int, _ value: JSONValue, _ headers: (name: String, value: String)...
    ) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: [
                ("content-type", "application/json"), ("cache-control", "no-store"),
            ] + headers + SecurityHeaders.all, body: value.serialized())
    }

    /// A response with the reason for a refusal.
    package static func refusal(
        _ status: Int, _ code: String, _ sentence: String,
        _ headers: (name: String, value: String)...
    ) -> HTTPResponse {
        var response = script(
            status, ["error": .string(code), "message": .string(sentence)])
        response.headers += headers
        return response
    }

    /// The response to too many attempts.
    package static func later(_ wait: Duration) -> HTTPResponse {
        let seconds = max(1, (wait.microseconds + 999_999) / 1_000_000)
        return refusal(
            429, "too_often", "Too many tries. Wait \(seconds) s.",
            ("retry-after", String(seconds)))
    }

    static let fileType = "application/octet-stream"

    /// A file to be saved and never displayed: browsers neither run nor render it.
    package static func file(_ file: EvidenceFileBody) -> HTTPResponse {
        HTTPResponse(
            status: 200,
            headers: [
                ("content-type", fileType),
                // INVARIANT: names consist of this program's literals, ids and numbers.
                ("content-disposition", "attachment; filename=\"\(file.name)\""),
                ("cache-control", "no-store"),
            ] + SecurityHeaders.all, body: file.bytes)
    }
}

extension FormBody {
    /// The key that a session will be bound to, or nil if it is missing or malformed.
    package var sessionKey: PersonSessionKey? {
        Base64.decodeURL(self["key"]).flatMap(PersonSessionKey.init)
    }

    /// The browser's result of using a passkey, or nil if a part is missing or too large.
    package var assertion: PasskeyAssertion? {
        guard let credential = PasskeyID(text: self["credential"]),
            let data = Base64.decodeURL(self["authenticatorData"]),
            let client = Base64.decodeURL(self["clientDataJSON"]),
            let signature = Base64.decodeURL(self["signature"])
        else { return nil }
        return try? PasskeyAssertion(
            credential: credential, authenticatorData: data, clientDataJSON: client,
            signature: signature)
    }

    /// The browser's result of registering a passkey, or nil if a part is missing or too large.
    package var offer: RegistrationResponse? {
        guard let credential = PasskeyID(text: self["credential"]),
            let attestation = Base64.decodeURL(self["attestationObject"]),
            let client = Base64.decodeURL(self["clientDataJSON"])
        else { return nil }
        return RegistrationResponse(
            credential: credential, attestationObject: attestation, clientDataJSON: client)
    }
}
