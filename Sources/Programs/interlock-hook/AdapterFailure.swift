import InterlockHooks

/// The reason why the gateway's verdict could not be obtained. It ends in a refusal.
enum AdapterFailure: Error {
    case usage(String)
    case input(HookInputError)
    /// Standard input cannot be read.
    case unreadableInput
    /// `/etc/interlock/hook.json` is missing, unsafe or invalid.
    case configuration(String)
    case unreachable
    /// The connection ended before the response was complete.
    case lost
    case response(HookResponseError)
    case verdict(HookWireError)

    var line: HookLine {
        switch self {
        case .usage(let text): HookLine(reason: "hook-usage", text: text)
        case .input(let error): HookLine(error)
        case .unreadableInput:
            HookLine(
                reason: HookInputError.code,
                text: "bad host input: standard input cannot be read")
        case .configuration(let text):
            HookLine(reason: "hook-config", text: "`\(EndpointFile.path)`: \(text)")
        case .unreachable:
            HookLine(reason: "hook-gateway", text: "cannot connect to the gateway")
        case .lost: HookLine(reason: "hook-gateway", text: "the gateway closed the connection")
        case .response(.status(let status)):
            HookLine(reason: "hook-gateway", text: "the gateway answered with status \(status)")
        case .response(.malformed):
            HookLine(reason: "hook-gateway", text: "the gateway sent an invalid response")
        case .verdict(let error):
            HookLine(reason: "hook-gateway", text: "the gateway sent an invalid verdict: \(error)")
        }
    }
}
