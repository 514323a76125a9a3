import Glibc
package import InterlockCommandLine
import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockSandbox

extension Command {
    package static let signer = Command(
        "signer", "hold the log's key, and sign what extends the log",
        example:
            "interlock signer --socket /run/interlock-signer/socket --keys /var/lib/interlock-signer",
        options: [
            Option("--socket PATH", "the unix socket on which the gateway asks").required,
            keysOfSigner,
            Option(
                "--user-of-serve UID",
                "the user of the gateway, who alone is answered (default: this user)"),
        ],
        exits: [.data, .notFound, .cannotCreate, .io, .tryAgain, .notPermitted],
        notes: """
            Signs checkpoints that extend the last one that it signed, the heads of that log, statements that the node is \
            alive and reports of drills; nothing else, and no bytes as they are. The last checkpoint is durable in FOLDER \
            before a signature leaves, so neither a restart nor an older copy of the gateway's state gets a fork signed. \
            SIGTERM ends.
            """
    ) { invocation in
        let path = try invocation.require("socket")
        let user = try userID(invocation["user-of-serve"])
        let folder = try invocation.require("keys")
        do throws(LaunchFailure) { try ProcessHardening.makeUnreadable() } catch {
            throw Failure(.internalError, error.reason)
        }
        do throws(KeyFailure) {
            let holder = try KeyHolder(folder: folder)
            if holder.wasTreeDamaged { log(damage, .warning, part: "signer") }
            let socket = try SignerSocket(path: path, user: user)
            log("ready signer of `\(holder.origin)`, \(holder.size) records signed", part: "signer")
            try socket.serve(holder)
        } catch { throw failure(error) }
        return .ok
    }

    package static let signerStatus = Command(
        "signer status", "what a signer signed last, and as which user it runs",
        example: "interlock signer status --socket /run/interlock-signer/socket",
        options: [
            Option("--socket PATH", "the signer's socket").required, .json,
        ],
        exits: [.unavailable]
    ) { invocation in
        let client = SignerClient(path: try invocation.require("socket"))
        let status: LogSignerStatus
        do throws(LogSigningFailure) { status = try client.status() } catch {
            throw Failure(.unavailable, error.reason)
        }
        let (head, user) = (status.head, UserName.text(of: status.user))
        invocation.print(
            [
                "origin": .string(head.origin), "size": .integer(Int64(clamping: head.size)),
                "root": .string(head.root.base64), "key": .string(status.key.base64),
                "uid": .integer(Int64(status.user)), "damaged": .bool(status.wasTreeDamaged),
            ],
            "\(head.origin)  \(head.size) records  \(head.root.base64)  user \(user)")
        if status.wasTreeDamaged, !invocation.isJSON { Output.line("warning: \(damage)") }
        return .ok
    }

    private static let damage =
        "a slot of `\(TreeFile.name)` was damaged when the signer started, and was written again: "
        + "its signature had not left, or an older tree was in it"

    /// The option that names the folder of a signer.
    package static var keysOfSigner: Option {
        Option("--keys FOLDER", "the signer's folder, which its user alone can enter").required
    }

    private static func userID(_ text: String?) throws(Failure) -> UInt32 {
        guard let text else { return geteuid() }
        guard let user = UInt32(text), user != UInt32.max, String(user) == text else {
            throw Failure(
                .usage, "invalid user id `\(TerminalEscaping.shown(text))`",
                help: "id -u NAME prints it")
        }
        return user
    }

    private static func failure(_ error: KeyFailure) -> Failure {
        let exit: Exit =
            switch error.code {
            case .missing: .notFound
            case .exposed: .notPermitted
            case .exists: .tryAgain
            case .malformed, .argument: .data
            default: .io
            }
        return Failure(exit, error.reason, help: error.help)
    }
}
