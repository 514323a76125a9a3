package import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
import InterlockModel
import InterlockWorkspace
import InterlockWorkspaceFiles

extension Command {
    static let pathOption = Option(
        "--path PATH", "one entry and all below it, as `workspace diff` prints it",
        isRepeatable: true)
    static let flagOption = Option(
        "--approve-flag FLAG",
        "a flag of changes that may be applied: "
            + WorkspaceFlag.allCases.filter(\.isApprovable).map(\.rawValue)
            .joined(separator: ", "), isRepeatable: true)
    /// Files with more bytes are listed without their text.
    private static let mostTextBytes = 2 << 20

    package static let workspaceDiff = Command(
        "workspace diff RUN", "what a run changed in its workspace",
        example: "interlock workspace diff 01kag0q9v4x2m7c8d3e5f6g7h8",
        options: [pathOption, .json, .directory],
        exits: [.data, .notFound, .unavailable, .workspaceChanged, .io, .tryAgain],
        notes:
            "The changes lie in the run's own layer; the project has none of them. With --path, the text of the changed files follows. Names are escaped: `\\xNN` is a byte that a terminal would not show."
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let paths = try paths(invocation)
        let review = try WorkspaceReview(invocation, deployment)
        let diff = try review.diff()
        try GatewayRecorder(deployment).record(diff)
        let shown = diff.changes.filter { change in
            paths.isEmpty || paths.contains { $0.contains(change.path) }
        }
        guard paths.isEmpty || !shown.isEmpty else {
            throw Failure(.notFound, "no change at `\(paths[0].escaped)`")
        }
        if invocation.isJSON {
            Output.json(WorkspaceDiff(run: diff.run, base: diff.base, changes: shown).json)
            return .ok
        }
        for change in shown.gitLast {
            Output.line(WorkspaceListing.line(change))
        }
        if paths.isEmpty {
            Output.line(WorkspaceListing.summary(diff))
        } else {
            try printTexts(shown, review)
        }
        return .ok
    }

    package static let workspaceApply = Command(
        "workspace apply RUN", "bring reviewed changes to the project",
        example:
            "interlock workspace apply 01kag0q9v4x2m7c8d3e5f6g7h8 --approve-flag executes_later",
        options: [
            pathOption, flagOption, .reason, .json, .directory,
        ],
        exits: [
            .data, .notFound, .unavailable, .workspaceChanged, .cannotCreate, .io, .tryAgain,
        ],
        notes:
            "Changes with a flag are applied once the agent's approvers have signed for exactly them (`interlock workspace approve`, or the page of the run). Nothing is applied unless all that is selected can be: a flag without its approval, a special entry or a link in the way end it with 73, a project that changed since the start of the run with 72. An apply that a crash ended is finished first. `.git` is never applied."
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let selection = ApplySelection(
            paths: try paths(invocation), approved: try approvedFlags(invocation))
        let review = try WorkspaceReview(invocation, deployment)
        if let left = try review.resume() {
            return invocation.print(
                ["finished": .integer(Int64(left))],
                "finished an earlier apply: \(left) steps were left; run the command again for more"
            )
        }
        let diff = try review.diff()
        let plan: ApplyPlan
        do throws(ApplyRefusal) { plan = try ApplyPlan(diff, selection) } catch {
            throw Failure(error)
        }
        guard !plan.steps.isEmpty else {
            return invocation.print(
                ["applied": 0, "git": .integer(Int64(plan.leftOut))], "nothing to apply")
        }
        let decision = ApplyDecision(
            run: diff.run, base: diff.base, plan: plan, reason: invocation["reason"])
        let recorder = GatewayRecorder(deployment)
        try review.apply(plan) { () throws(Failure) in try recorder.record(decision) }
        let git = plan.leftOut == 0 ? "" : "; \(plan.leftOut) in `.git` were left out"
        return invocation.print(
            [
                "applied": .integer(Int64(plan.changes.count)),
                "git": .integer(Int64(plan.leftOut)),
            ],
            "applied \(plan.changes.count) changes\(git)")
    }

    package static let workspaceDiscard = Command(
        "workspace discard RUN", "remove the changes of a run",
        example: "interlock workspace discard 01kag0q9v4x2m7c8d3e5f6g7h8",
        options: [.reason, .json, .directory],
        exits: [.notFound, .unavailable, .io, .tryAgain],
        notes: "The project stays as it is; the layer of the run is removed and cannot be restored."
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let review = try WorkspaceReview(invocation, deployment)
        try GatewayRecorder(deployment).recordDiscard(
            of: review.folder.run, reason: invocation["reason"])
        try review.discard()
        return invocation.print(["discarded": true], "discarded")
    }

    static func paths(_ invocation: Invocation) throws(Failure) -> [WorkspacePath] {
        var paths: [WorkspacePath] = []
        for text in invocation.all("path") {
            paths.append(
                try Invocation.parsed(
                    text, "no path of an entry", help: "write it as `workspace diff` prints it",
                    .usage
                ) { WorkspacePath(escaped: $0) })
        }
        return paths
    }

    static func approvedFlags(
        _ invocation: Invocation
    ) throws(Failure) -> Set<WorkspaceFlag> {
        var flags: Set<WorkspaceFlag> = []
        for text in invocation.all("approve-flag") {
            let flag = try Invocation.parsed(text, "no flag of a change", .usage) {
                WorkspaceFlag(rawValue: $0)
            }
            guard flag.isApprovable else {
                throw Failure(.usage, "changes with the flag `\(text)` are never applied")
            }
            flags.insert(flag)
        }
        return flags
    }

    private static func printTexts(
        _ changes: [WorkspaceChange], _ review: borrowing WorkspaceReview
    ) throws(Failure) {
        for change in changes {
            switch try review.content(of: change, most: mostTextBytes) {
            case .bytes(let old, let new):
                for line in WorkspaceListing.text(change, old: old, new: new) {
                    Output.line(line)
                }
            case .changedProject:
                Output.line(
                    "`\(change.path.escaped)` was changed in the project since the start of the run"
                )
            case .tooLarge: Output.line("`\(change.path.escaped)` is too large to be shown")
            case .notFile: break
            }
        }
    }
}
