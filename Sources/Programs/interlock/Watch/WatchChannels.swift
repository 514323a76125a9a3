import InterlockAlerts
import InterlockApprovals
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockModel
import InterlockPorts
import InterlockSandbox
import InterlockTransport

/// The channels that the options of `interlock watch` name.
enum WatchChannels {
    /// - Throws: exit 64 if there is none, or a webhook without its secret.
    static func named(
        by invocation: Invocation, fetcher: DocumentFetcher
    ) throws(Failure) -> [WatchChannel] {
        var channels: [WatchChannel] = []
        if let program = invocation["exec"] {
            channels.append(WatchChannel(try exec(program)))
        }
        if let url = invocation["webhook"] {
            let key = try secret(try invocation.require("secret"))
            channels.append(
                WatchChannel(
                    WebhookChannel(
                        try name("webhook"), url: url, fetcher: fetcher, secret: { .success(key) },
                        code: { hmacSHA256(key: $0, $1) }, clock: SystemClock())))
        }
        guard !channels.isEmpty else {
            throw Failure(
                .usage, "there is no channel for alerts",
                help: "name one with --exec PROGRAM or --webhook URL --secret FILE")
        }
        return channels
    }

    private static func exec(_ program: String) throws(Failure) -> ExecChannel {
        guard let path = File.realPath(program) else {
            throw Failure(.notFound, "there is no program `\(TerminalEscaping.shown(program))`")
        }
        return ExecChannel(
            name: try name("exec"), words: [path],
            launcher: { () throws(LaunchFailure) in
                try CommandLauncher(launcher: try HostPaths.launcherBesideProgram(), kept: [])
            })
    }

    private static func name(_ text: String) throws(Failure) -> ChannelName {
        guard let name = ChannelName(text) else {
            throw Failure(.internalError, "`\(text)` is no name of a channel")
        }
        return name
    }
}
