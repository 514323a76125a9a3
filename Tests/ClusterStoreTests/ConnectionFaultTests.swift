import Testing

@testable import InterlockClusterStore

@Suite struct ConnectionFaultTests {
    private static let faults: [(text: String, failure: StoreCallFailure)] = [
        ("", .unknown("cannot connect to the store within 2000 ms")),
        (
            "connection to server on socket \"/s\" failed: FATAL:  28P01: password authentication failed for user \"gw1\"\nLOCATION:  auth_failed, auth.c:334\n",
            .refused(code: "28P01", reason: "password authentication failed for user \"gw1\"")
        ),
        // The severity is in the language of the server.
        (
            "connection to server on socket \"/s\" failed: SCHWERWIEGEND:  3D000: Datenbank »x« existiert nicht\n",
            .refused(code: "3D000", reason: "Datenbank »x« existiert nicht")
        ),
        // The last address counts.
        (
            "connection to server at \"a\" (::1), port 5432 failed: FATAL:  28000: no entry\nconnection to server at \"a\" (127.0.0.1), port 5432 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n",
            .unknown(
                "cannot connect to the store: connection to server at \"a\" (127.0.0.1), port 5432 failed: Connection refused"
            )
        ),
        (
            "connection to server on socket \"/s\" failed: fe_sendauth: no password supplied\n",
            .refused(code: "28P01", reason: "no password supplied")
        ),
        (
            "invalid sslmode value: \"foo\"\n",
            .unknown("cannot connect to the store: invalid sslmode value: \"foo\"")
        ),
        (
            "connection to server at \"a:  b\" failed: x:  1234: y\n",
            .unknown(
                "cannot connect to the store: connection to server at \"a:  b\" failed: x:  1234: y"
            )
        ),
    ]

    @Test(arguments: faults.indices)
    func `a connection that was not made has the code of the server or the words of libpq`(
        _ index: Int
    ) {
        let (text, failure) = Self.faults[index]
        #expect(ConnectionFault.failure(text, within: 2000) == failure)
    }
}
