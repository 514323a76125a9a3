import Glibc
package import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockModel
import InterlockSandboxes
import InterlockWorkspaceFiles

extension Command {
    package static let workspaceExport = Command(
        "workspace export RUN", "commits of a run as a patch or bundle",
        example: "interlock workspace export 01kag0q9v4x2m7c8d3e5f6g7h8 --format patch > run.patch",
        options: [Option("--format FORM", "patch or bundle").required, .directory],
        exits: [.data, .notFound, .unavailable, .io, .tryAgain],
        notes: """
            Git runs in a sandbox of its own over the project with the changes of the run, without network, and its
            output comes to standard output once it is whole and on record. A patch has the commits of the branch
            that is checked out, as `git am` takes them; a bundle those of all branches, for `git fetch`. Commits
            that the project has already are left out. Nothing in them was reviewed or approved by flags.
            """
    ) { invocation in
        let format = try Invocation.parsed(
            try invocation.require("format"), "no format of an export", help: "patch or bundle",
            .usage
        ) { WorkspaceExportRequest.Format(rawValue: $0) }
        guard isatty(1) == 0 else {
            throw Failure(
                .usage, "standard output is a terminal", help: "send the output to a file")
        }
        let deployment = try Deployment.open(invocation)
        let review = try WorkspaceReview(invocation, deployment)
        let export = try WorkspaceExport(review.folder, format)
        try GatewayRecorder(deployment).record(export.request, of: review.folder.run)
        try export.file.read { part in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(part.count)
            for index in part.indices { bytes.append(part[index]) }
            Output.bytes(bytes)
        }
        return .ok
    }
}
