import InterlockAdministration
import InterlockAlerts
import InterlockGovernor
import InterlockJSON
import InterlockPorts
import InterlockSandbox

/// `exec`: a program that gets the alert as JSON on its stdin. Fixed words, no shell, nothing of our environment but a
/// PATH; it sees what this user sees, and nothing that the deployment keeps. Ten seconds, then it is killed with all
/// that it has started.
struct ExecChannel: NotificationChannel {
    let name: ChannelName
    private let words: [String]
    private let launcher: @Sendable () throws(LaunchFailure) -> SandboxLauncher

    static let patience: Duration = .seconds(10)
    static let mostOutput = 64 << 10
    private static let variables = [("PATH", "/usr/local/bin:/usr/bin:/bin")]

    init(
        _ name: ChannelName, _ words: [String],
        launcher: @escaping @Sendable () throws(LaunchFailure) -> SandboxLauncher
    ) {
        self.name = name
        self.words = words
        self.launcher = launcher
    }

    func send(_ alert: OutgoingNotification, held: Int) async -> DeliveryResult {
        let counted = held > 0 ? alert.with("held", .integer(Int64(held))) : alert
        let made: SandboxLauncher
        do throws(LaunchFailure) { made = try launcher() } catch { return .failed(error.reason) }
        let result = await made.output(
            of: words, environment: Self.variables, input: counted.json.serialized() + [0x0a],
            within: Self.patience, limit: Self.mostOutput)
        switch result {
        case .success: return .delivered
        case .failure(.launch(let reason)): return .failed(reason)
        case .failure(.late): return .failed("its program did not end within 10 s")
        case .failure(.tooLarge): return .failed("its program printed more than 64 KiB")
        case .failure(.exit(let code)): return .failed("its program ended with \(code)")
        }
    }
}
