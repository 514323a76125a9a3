import InterlockCredentials
import InterlockPorts

/// An error of another part that ends a command with its own words.
protocol FailureCause: Error {
    var reason: String { get }
    var help: String? { get }
}

extension FailureCause {
    var help: String? { nil }

    /// Does the work. An error ends the command with this exit.
    @discardableResult
    static func exits<Value>(
        _ exit: Exit, _ work: @autoclosure () throws(Self) -> Value
    ) throws(Failure) -> Value {
        do throws(Self) { return try work() } catch {
            throw Failure(exit, error.reason, help: error.help)
        }
    }
}

extension FileFailure: FailureCause {
    var reason: String { message }
}
extension KeyFailure: FailureCause {}
extension LaunchFailure: FailureCause {}
extension StoreFailure: FailureCause {}
