import InterlockKeys

extension NodeKeys {
    /// The node's keys and the folder they lie in: refused when others can read either.
    static func opened(_ deployment: Deployment) throws(Failure) -> NodeKeys {
        do throws(KeyFailure) {
            try StateFolder.check(deployment.state)
            return try NodeKeys.load(from: deployment.keys)
        } catch {
            guard error.code == .missing, error.help == nil else { throw Failure(error) }
            throw Failure(
                .notFound, error.reason, help: "`interlock init` makes a deployment")
        }
    }
}
