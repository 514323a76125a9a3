import InterlockJSON
import InterlockMCP
import InterlockPorts

/// Adds the notifications of a call to the index of its run before it forwards them.
struct LabelledNotifications: NotificationSink {
    let notices: any NotificationSink
    let recorded: RecordedCall
    let gateway: Gateway
    var wantsProgress: Bool { notices.wantsProgress }
    var logLevel: LogLevel? { notices.logLevel }

    func progress(_ params: JSONObject) {
        if let message = params["message"] { gateway.index(notice: message, of: recorded) }
        notices.progress(params)
    }

    func log(_ params: JSONObject) {
        if logLevel != nil { gateway.index(notice: .object(params), of: recorded) }
        notices.log(params)
    }
}
