package import InterlockCommandLine
package import InterlockCredentials
package import InterlockDeployment

extension NodeKeys {
    /// Loads the node's keys; refused if other users can access them or the state folder.
    package static func opened(_ deployment: Deployment) throws(Failure) -> NodeKeys {
        do throws(KeyFailure) {
            try StateFolder.check(deployment.state)
            return try NodeKeys.load(from: deployment.keys)
        } catch {
            guard error.code == .missing, error.help == nil else { throw Failure(error) }
            throw Failure(.notFound, error.reason, help: "`interlock init` makes a deployment")
        }
    }
}
