package import InterlockCredentials
package import InterlockPorts

/// An error of another part that ends a command with its own words.
package protocol FailureCause: Error {
    var reason: String { get }
    var help: String? { get }
}

extension FailureCause {
    package var help: String? { nil }

    /// Does the work. An error ends the command with this exit.
    @discardableResult
    package static func exits<Value>(
        _ exit: Exit, _ work: @autoclosure () throws(Self) -> Value
    ) throws(Failure) -> Value {
        do throws(Self) { return try work() } catch {
            throw Failure(exit, error.reason, help: error.help)
        }
    }
}

extension FileFailure: FailureCause {
    package var reason: String { message }
}
extension KeyFailure: FailureCause {}
extension StoreFailure: FailureCause {}
