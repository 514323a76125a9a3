import InterlockKeys

extension NodeKeys {
    /// The node's keys and the folder they lie in: refused when others can read either.
    static func opened(_ deployment: Deployment) throws(Failure) -> NodeKeys {
        do throws(KeyFailure) {
            try StateFolder.check(deployment.state)
            return try NodeKeys.load(from: deployment.keys)
        } catch {
            switch error.code {
            case .missing:
                throw Failure(
                    .notFound, error.reason,
                    help: error.help ?? "`interlock init` makes a deployment")
            case .exposed: throw Failure(.notPermitted, error.reason, help: error.help)
            default: throw Failure(.data, error.reason, help: error.help)
            }
        }
    }
}
