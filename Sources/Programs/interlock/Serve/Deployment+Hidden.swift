import InterlockCommandLine
import InterlockDeployment

extension Deployment {
    /// The paths that no child process may access: folders of this deployment, and the hosts' files with their
    /// servers' secrets. Creates missing folders, because a folder that is created later would be accessible.
    func hidden() throws(Failure) -> [String] {
        let paths = [state, secrets, tokens]
        for path in paths {
            try FileFailure.exits(.cannotCreate, try File.makeFolder(path, mode: 0o700))
        }
        let changes = try HostChanges(in: directory).changes
        let backups = changes.compactMap(\.backup).filter { !$0.hasPrefix(state + "/") }
        return paths
            + (hostFiles + changes.map(\.path) + backups + [founderKey]).filter(File.exists)
    }
}
