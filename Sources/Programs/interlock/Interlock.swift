import Glibc
import InterlockCommandLine
import InterlockHookCommands

@main
struct Interlock {
    static func main() async {
        // A write to a closed pipe is an error of that write, not the end of the process. Children are reaped by
        // their pidfd, which an inherited SIG_IGN of SIGCHLD would prevent.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGCHLD, SIG_DFL)
        // Only its user can access the files that this program makes.
        umask(0o077)
        await run(PolicyHelper.words(of: CommandLine.arguments)).end()
    }

    private static func run(_ words: [String]) async -> Exit {
        do {
            switch try CommandParser(commands: commands).parse(words) {
            case .overview: Output.text(Help.overview(commands, groups: commandGroups))
            case .group(let group): Output.text(Help.group(group))
            case .help(let command): Output.text(Help.text(of: command))
            case .run(let invocation): return try await invocation.command.run(invocation)
            }
            return .ok
        } catch let failure as Failure {
            ProgramLog.write(failure)
            return failure.exit
        } catch {
            Output.error("interlock: internal error: \(error)")
            return .internalError
        }
    }
}
