package import InterlockJSON
package import InterlockModel

/// Tests the deployment by itself, for the operator.
package protocol SelfTestActions: Sendable {
    /// Returns `{standing, running, every_s, last, due, leaf, report}`.
    func status() -> JSONValue

    /// Makes one self-test, and returns its report. Its record is durable on return.
    func runSelfTest(by: Pseudonym) async throws(Problem) -> JSONValue
}

extension LocalServices {
    package func selfTestStatus(_: LocalCall) throws(Problem) -> JSONValue {
        try tested().status()
    }

    package func runSelfTest(_ call: LocalCall) async throws(Problem) -> JSONValue {
        try await tested().runSelfTest(by: call.by)
    }

    private func tested() throws(Problem) -> any SelfTestActions {
        guard let selfTests else { throw Problem(.notRead, "this gateway has no self-test") }
        return selfTests
    }
}
