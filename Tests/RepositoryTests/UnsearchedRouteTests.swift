import InterlockTesting
import Testing

/// A route of a server's text to an agent without a search does not compile, also within the governor.
struct UnsearchedRouteTests {
    /// Statements that pass a text by the search, each with a part of the compiler's message.
    static let statements = [
        ("caller.send(.log(notice))", "cannot convert value of type 'LogMessage'"),
        ("caller.send(notice.notification)", "cannot convert value of type '[UInt8]'"),
        ("caller.send(StreamMessage(notice.notification))", "'StreamMessage' initializer is"),
        ("caller.send(.log(SearchedNotice(notice)))", "'SearchedNotice<Notice>' initializer is"),
        ("_ = await sink.ask([request])", "cannot convert value of type 'InputRequest'"),
        ("_ = SearchedInput(request)", "'SearchedInput' initializer is inaccessible"),
        ("_ = SearchedEntry(.tool(pin), [])", "'SearchedEntry' initializer is inaccessible"),
        ("_ = SearchedViolation(\"x\", nil)", "'SearchedViolation' initializer is inaccessible"),
    ]

    private func complaint(_ statements: [String]) throws -> String? {
        try TypeChecker().complaint(
            about: """
                import InterlockMCP
                func forge(
                    _ caller: Caller, _ notice: LogMessage, _ searched: SearchedNotice<LogMessage>,
                    _ request: InputRequest, _ sink: LegacyInput, _ pin: PinnedTool
                ) async {
                \(statements.joined(separator: "\n"))
                }
                """, insteadOf: "",
            among: Repository.files(under: "Sources/Gateway/Governor", endingIn: [".swift"]),
            module: "InterlockGovernor")
    }

    /// The control: without it the next test could pass because nothing compiles.
    @Test func `a searched text is sent`() throws {
        #expect(try complaint(["caller.send(.log(searched))"]) == nil)
    }

    @Test(.requirement("R082"), arguments: statements.indices)
    func `a text that was not searched is not sent`(index: Int) throws {
        let (statement, message) = Self.statements[index]
        let complaint = try #require(try complaint([statement]), "it compiles")
        #expect(complaint.contains("error: \(message)"), "\(complaint)")
    }
}
