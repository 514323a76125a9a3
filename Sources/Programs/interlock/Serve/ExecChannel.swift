import InterlockAdministration
import InterlockAlerts
import InterlockCommandLine
import InterlockDeployment
import InterlockGovernor
import InterlockJSON
import InterlockPorts
import InterlockSandbox

/// The channel `exec`: a program that receives the notification as JSON on its stdin. It has fixed arguments, no
/// shell and no environment except PATH. It can access what this user can, except the deployment's files. After ten
/// seconds it is killed with all processes that it started.
struct ExecChannel: NotificationChannel {
    let name: ChannelName
    let words: [String]
    let launcher: @Sendable () throws(LaunchFailure) -> CommandLauncher

    static let patience: Duration = .seconds(10)
    static let mostOutput = 64 << 10
    private static let variables = [("PATH", "/usr/local/bin:/usr/bin:/bin")]

    func send(_ alert: OutgoingNotification, held: Int) async -> DeliveryResult {
        let counted = held > 0 ? alert.with("held", .integer(Int64(held))) : alert
        let made: CommandLauncher
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
