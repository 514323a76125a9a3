import InterlockModel

/// The form of a token request (RFC 6749, section 4.4.2; RFC 8707, section 2).
struct TokenRequest {
    private var fields: [(name: String, value: String)]
    private(set) var authorization: String?

    /// - Parameter scopes: left out when empty.
    init(resource: String, scopes: [String]) {
        fields = [("grant_type", "client_credentials"), ("resource", resource)]
        if !scopes.isEmpty { fields.append(("scope", scopes.joined(separator: " "))) }
    }

    mutating func prove(_ client: OAuthClient, secret: String) {
        if client.method == .basic {
            let pair = Self.encoded(client.id) + ":" + Self.encoded(secret)
            authorization = "Basic " + Base64.encode(Array(pair.utf8))
        } else {
            fields += [("client_id", client.id), ("client_secret", secret)]
        }
    }

    mutating func prove(_ client: OAuthClient, assertion: String) {
        fields += [
            ("client_id", client.id),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            ),
            ("client_assertion", assertion),
        ]
    }

    /// `application/x-www-form-urlencoded`
    var form: [UInt8] {
        Array(
            fields.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }
                .joined(separator: "&").utf8)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    /// All but the unreserved characters of RFC 3986 as `%XX`.
    static func encoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
