import CHookGuard
import InterlockHooks

/// The program that a coding agent starts for each event of its hooks. It ends with exit 0 or 2 and with nothing else:
/// what could not be found out is 2 (docs/specs/coding-agents.md, section 2).
@main
struct InterlockHook {
    static func main() {
        interlock_hook_guard()
        do throws(AdapterFailure) {
            let arguments = try AdapterArguments()
            let seconds = arguments.host.facts.timing.deadline.components.seconds
            interlock_hook_deadline(Int32(clamping: seconds * 1000))
            end(Adapter(arguments).answer())
        } catch {
            end(.deny(error.line))
        }
    }

    private static func end(_ answer: HookAnswer) -> Never {
        switch answer.exit {
        case .allow: unsafe interlock_hook_allow(answer.output, answer.output.count)
        case .deny:
            unsafe interlock_hook_deny(answer.output, answer.output.count, answer.line)
        }
    }
}
