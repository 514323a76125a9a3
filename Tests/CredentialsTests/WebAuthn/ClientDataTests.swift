import InterlockModel
import Testing

@testable import InterlockCredentials

@Suite struct ClientDataTests {
    private static let good =
        #""type":"webauthn.get","challenge":"AAEC","origin":"https://interlock.example""#

    @Test(arguments: [
        ("{\(good)}", false), (#"{\#(good),"crossOrigin":false}"#, false),
        (#"{\#(good),"crossOrigin":true}"#, true),
        // A browser states the embedding page only if there is one.
        (#"{\#(good),"topOrigin":"https://other.example"}"#, true),
        (#"{\#(good),"crossOrigin":false,"topOrigin":"https://other.example"}"#, true),
        (#"{\#(good),"other_keys_can_be_added_here":"do not compare"}"#, false),
    ])
    func `browsers' words are read`(_ text: String, _ isCrossOrigin: Bool) throws {
        let data = try ClientData(parsing: Array(text.utf8))
        #expect(data.type == "webauthn.get" && data.challenge == [0, 1, 2])
        #expect(data.origin == "https://interlock.example")
        #expect(data.isCrossOrigin == isCrossOrigin)
    }

    @Test(arguments: [
        "", "null", "[]", "{}", "{\(good)", "{\(good)} ,", "\u{feff}{\(good)}",
        #"{\#(good),"type":"webauthn.get"}"#, #"{\#(good),"\u0074ype":"webauthn.create"}"#,
        #"{\#(good),"crossOrigin":"false"}"#, #"{\#(good),"crossOrigin":null}"#,
        #"{\#(good),"crossOrigin":0}"#,
        #"{"type":"webauthn.get","challenge":"AAEC"}"#,
        #"{"type":"webauthn.get","challenge":"AAEC=","origin":"https://a.example"}"#,
        #"{"type":"webauthn.get","challenge":"AA+C","origin":"https://a.example"}"#,
        #"{"type":"webauthn.get","challenge":"","origin":"https://a.example"}"#,
        #"{"type":["webauthn.get"],"challenge":"AAEC","origin":"https://a.example"}"#,
        #"{"type":"webauthn.get","challenge":"AAEC","origin":["https://a.example"]}"#,
    ])
    func `what could be read in two ways, or is missing, is refused`(_ text: String) {
        #expect(throws: FormError.self) { try ClientData(parsing: Array(text.utf8)) }
    }

    @Test func `a long one is refused`() {
        let filler = String(repeating: " ", count: ClientData.largestBytes)
        #expect(throws: FormError.self) {
            try ClientData(parsing: Array("{\(Self.good)\(filler)}".utf8))
        }
    }

    @Test(arguments: [
        ("interlock.example", "https://interlock.example", true),
        ("interlock.example", "https://interlock.example:8443", true),
        ("interlock.example", "https://console.interlock.example", true),
        ("localhost", "http://localhost:7401", true), ("localhost", "https://localhost", true),
        ("interlock.example", "http://interlock.example", false),
        ("interlock.example", "https://interlock.example/", false),
        ("interlock.example", "https://evilinterlock.example", false),
        ("interlock.example", "https://interlock.example.evil.example", false),
        ("interlock.example", "https://a@interlock.example", false),
        ("interlock.example", "https://interlock.example:0", false),
        ("interlock.example", "https://interlock.example:08443", false),
        ("interlock.example", "https://interlock.example:x", false),
        ("127.0.0.1", "https://127.0.0.1", false), ("example", "https://example", false),
        ("Interlock.example", "https://Interlock.example", false),
        ("interlock.example.", "https://interlock.example.", false), ("", "https://", false),
        ("-a.example", "https://-a.example", false), ("localhost", "http://127.0.0.1:7401", false),
    ])
    func `a console has a domain name and https, or is localhost`(
        _ id: String, _ origin: String, _ isFit: Bool
    ) {
        #expect((RelyingParty(id: id, origins: [origin]) != nil) == isFit)
        #expect(RelyingParty(id: id, origins: []) == nil)
    }
}
