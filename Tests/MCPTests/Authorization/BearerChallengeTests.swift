import InterlockMCP
import Testing

@Suite struct BearerChallengeTests {
    @Test(
        arguments: [
            (#"Bearer error="insufficient_scope", scope="a b""#, "insufficient_scope", "a b", nil),
            (#"bearer scope=a"#, nil, "a", nil),
            (#"Bearer"#, nil, "", nil),
            (
                #"Basic realm="x, y", Bearer resource_metadata="https://a/.well-known/x" , error=invalid_token"#,
                "invalid_token", "", "https://a/.well-known/x"
            ),
            (#"Negotiate abc==, Bearer error="x\"y""#, #"x"y"#, "", nil),
            (
                #"Bearer realm="r", ERROR = "invalid_token", Basic realm="z""#, "invalid_token", "",
                nil
            ),
        ] as [(String, String?, String, String?)])
    func `a challenge is read in each of its forms`(
        text: String, error: String?, scopes: String, metadata: String?
    ) throws {
        let found = try #require(BearerChallenge(text))
        #expect(found.error == error)
        #expect(found.scopes.joined(separator: " ") == scopes)
        #expect(found.metadata == metadata)
    }

    @Test(arguments: [
        "", "Basic realm=\"x\"", "error=\"x\"", "Bearer error=\"a\", error=\"b\"",
        "Bearer error=\"a", "Bearer scope=\"a\\b\u{1}\"", "Bearer scope=\"a  b\"", "=", "\"x\"",
        "Bearer scope=\"" + String(repeating: "a", count: 5000) + "\"",
    ])
    func `what is no challenge of a bearer token`(text: String) {
        #expect(BearerChallenge(text) == nil)
    }
}
