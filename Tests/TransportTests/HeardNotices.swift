import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockMCP
import InterlockPorts
import Synchronization

/// A caller that stores the notifications that it receives.
final class HeardNotices: NotificationSink {
    let wantsProgress: Bool
    let logLevel: LogLevel?
    private let heard = Mutex<(progress: [JSONObject], log: [JSONObject])>(([], []))

    init(progress: Bool = true, level: LogLevel? = nil) {
        wantsProgress = progress
        logLevel = level
    }

    var progress: [JSONObject] { heard.withLock { $0.progress } }
    var log: [JSONObject] { heard.withLock { $0.log } }

    func progress(_ params: JSONObject) { heard.withLock { $0.progress.append(params) } }
    func log(_ params: JSONObject) { heard.withLock { $0.log.append(params) } }
}
