import InterlockCommandLine
import InterlockCredentials

extension Command {
    static let peopleKey = Command(
        "people key FILE", "make a person's key, encrypted under a passphrase",
        example: "interlock people key ~/.ssh/interlock",
        exits: [.cannotCreate, .notPermitted],
        notes:
            "Prints the public key in the form that `interlock init --person` reads. The passphrase is asked on the terminal."
    ) { invocation in
        do throws(KeyFailure) {
            let first = try Terminal.readPassphrase(prompt: "new passphrase: ")
            guard try Terminal.readPassphrase(prompt: "again: ") == first else {
                throw KeyFailure(.passphrase, "the two passphrases differ")
            }
            let key = try PersonKeyFile.create(
                invocation.positional[0], passphrase: first, entropy: SystemEntropy())
            Output.line(SSHPublicKey.line(of: key.publicKey))
            return .ok
        } catch {
            let exit: Exit =
                error.code == .exists || error.code == .io ? .cannotCreate : .notPermitted
            throw Failure(exit, error.reason, help: error.help)
        }
    }
}
