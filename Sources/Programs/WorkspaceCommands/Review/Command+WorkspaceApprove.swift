import InterlockApprovals
package import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockModel
import InterlockRunning
import InterlockWorkspace

extension Command {
    package static let workspaceApprove = Command(
        "workspace approve RUN", "sign that changes with a flag may be applied",
        example:
            "interlock workspace approve 01kag0q9v4x2m7c8d3e5f6g7h8 --approve-flag executes_later --as ada@acme.example --reason 'The build file is ours'",
        options: [
            pathOption, flagOption,
            Option("--lasts TIME", "how long the approval counts, at most 24h (default: 1h)"),
            .person, .key, .reason.required, .json, .directory,
        ],
        exits: [
            .data, .notFound, .unavailable, .cannotCreate, .io, .tryAgain, .notPermitted,
        ],
        notes:
            "For the agent's approvers: one, and at tier high two. The signature covers the digest of exactly the selected changes with a flag, and counts for one `workspace apply` with the same selection."
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let paths = try paths(invocation)
        let selection = ApplySelection(paths: paths, approved: try approvedFlags(invocation))
        let lasting = try lifetime(invocation)
        let content: WorkspaceApprovalContent
        do {
            let review = try WorkspaceReview(invocation, deployment)
            let diff = try review.diff()
            try GatewayRecorder(deployment).record(diff)
            let plan: ApplyPlan
            do throws(ApplyRefusal) { plan = try ApplyPlan(diff, selection) } catch {
                throw Failure(error)
            }
            let flagged = plan.flagged
            guard !flagged.isEmpty else {
                throw Failure(.notFound, "no selected change has a flag")
            }
            if !invocation.isJSON {
                for change in flagged { Output.line(WorkspaceListing.line(change)) }
            }
            content = WorkspaceApprovalContent(
                run: diff.run, base: diff.base, entries: flagged.digest(OpenSSLHashing()),
                count: flagged.count, flags: plan.flags.map(\.rawValue),
                until: SystemClock().now.wall + lasting)
        }
        let answer = try invocation.order(
            content, reason: try invocation.require("reason"),
            to: "/v1/runs/\(content.run.text)/changes")
        return invocation.print(
            answer, "approved \(content.count) changes until \(answer.text("until"))")
    }

    private static func lifetime(_ invocation: Invocation) throws(Failure) -> Duration {
        guard let text = invocation["lasts"] else { return WorkspaceApprovalContent.usual }
        return try Invocation.parsed(
            text, "no time", help: "use 30m or 8h, at most 24h", .usage
        ) { text in
            RunOptions.seconds(text).map { Duration.seconds($0) }.flatMap {
                $0 <= WorkspaceApprovalContent.longest ? $0 : nil
            }
        }
    }
}
