import Glibc
import InterlockKeys
import Testing

@Suite(.serialized) struct SecretProviderTests {
    private let secrets = SecretProvider(
        directory: "/nonexistent", environmentPrefix: "INTERLOCK_TEST_SECRET_")

    private func secret(from value: String) throws(KeyFailure) -> String {
        unsafe setenv("INTERLOCK_TEST_SECRET_TICKETS_RO", value, 1)
        defer { unsafe unsetenv("INTERLOCK_TEST_SECRET_TICKETS_RO") }
        return try secrets.secret(named: "tickets-ro")
    }

    @Test func `a secret is looked for in the environment, hyphens as underscores`() throws {
        #expect(try secret(from: "Bearer abc") == "Bearer abc")
        #expect(throws: KeyFailure(.missing, "")) { try secrets.secret(named: "tickets-ro") }
    }

    /// The value becomes a header of a request.
    @Test(arguments: ["", "a\nX-Other: b", "a\r\nb", "a\u{7f}"])
    func `what is no line of text is no secret, also from the environment`(value: String) {
        #expect(throws: KeyFailure(.malformed, "")) { try secret(from: value) }
    }
}
