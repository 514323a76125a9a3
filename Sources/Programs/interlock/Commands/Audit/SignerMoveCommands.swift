import InterlockCommandLine
import InterlockDeployment
import InterlockPorts
import InterlockSandbox
import InterlockSignerCommands

extension Command {
    static let signerMove = Command(
        "signer move", "give the log's key to a signer",
        example: "interlock signer move --keys /var/lib/interlock-signer",
        options: [.directory, keysOfSigner],
        exits: [.data, .notFound, .cannotCreate, .io, .tryAgain, .notPermitted],
        notes: """
            The gateway must not run. FOLDER gets the key and what the log's last checkpoint is; `state/keys` keeps the \
            public key, and a key of its own for halts. Then give FOLDER to the signer's user (chown -R), start the signer, \
            and name its socket in `ledger.signer`. Run it again if it was broken off, with FOLDER yours; until then every \
            start of the gateway is refused.
            """
    ) { invocation in
        try LaunchFailure.exits(.internalError, try ProcessHardening.makeUnreadable())
        try SignerMove(invocation).move()
        Output.line("the log's key is in `\(try invocation.require("keys"))` alone")
        return .ok
    }

    static let signerReturn = Command(
        "signer return", "take the log's key back from a signer",
        example: "interlock signer return --keys /var/lib/interlock-signer",
        options: [.directory, keysOfSigner],
        exits: [.data, .notFound, .cannotCreate, .io, .tryAgain, .notPermitted],
        notes: """
            Neither gateway nor signer must run, and FOLDER must belong to this user (chown -R). Then take `ledger.signer` \
            out of interlock.yaml. Key rotations and new epochs are done between this command and `signer move`. Run it again \
            if it was broken off; until then every start of the gateway is refused. A damaged `signed.tree` is no hindrance.
            """
    ) { invocation in
        try LaunchFailure.exits(.internalError, try ProcessHardening.makeUnreadable())
        try SignerMove(invocation).takeBack()
        Output.line("the log's key is in `state/keys` alone")
        return .ok
    }
}
