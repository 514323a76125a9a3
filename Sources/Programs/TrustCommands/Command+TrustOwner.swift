package import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockModel
import InterlockTrust

extension Command {
    package static let trustDelegate = Command(
        "trust delegate AGENT", "set your own ceiling on the stage of your agent",
        example:
            "interlock trust delegate support-triage --max assisted --as dana@acme.example",
        options: [
            .directory, .person, .key, .json,
            Option("--max STAGE", "the highest stage that you permit").required,
        ],
        exits: .ofOrders,
        notes:
            "Only the owner. A lower ceiling acts at once; a higher one gives nothing by itself, since the policy and promotions hold."
    ) { invocation in
        let agent = try invocation.agentArgument()
        let stage = try stageOption("max", invocation)
        let (deployment, signer, org) = try owner(invocation)
        let payload = try statement { () throws(FormError) in
            try StageDelegation(
                org: org, agent: agent, most: stage, owner: signer.person.person,
                date: SystemClock().now.wall
            ).canonical()
        }
        invocation.explain("ceiling of \(agent): \(stage.name)")
        let answer = try GatewayClient(deployment).post(
            "/v1/stage-ceilings", try signer.sign(.stageDelegation, payload).json)
        return invocation.print(
            answer, "\(agent) has at most \(stage.name), and is at \(answer.text("name"))")
    }

    package static let trustConfirm = Command(
        "trust confirm AGENT", "confirm that you still own an agent",
        example: "interlock trust confirm support-triage --as dana@acme.example",
        options: [.directory, .person, .key, .json],
        exits: .ofOrders,
        notes: "Only the owner whom the policy names. A promotion needs one that is not old."
    ) { invocation in
        let agent = try invocation.agentArgument()
        let (deployment, signer, org) = try owner(invocation)
        let payload = try statement { () throws(FormError) in
            try OwnershipConfirmation(
                org: org, agent: agent, owner: signer.person.person,
                date: SystemClock().now.wall
            ).canonical()
        }
        invocation.explain("owner of \(agent): \(signer.person.person.address)")
        let answer = try GatewayClient(deployment).post(
            "/v1/owner-confirmations", try signer.sign(.ownership, payload).json)
        return invocation.print(answer, "confirmed: you own \(agent)")
    }

    private static func owner(
        _ invocation: Invocation
    ) throws(Failure) -> (deployment: Deployment, signer: PersonSigner, org: String) {
        let deployment = try Deployment.open(invocation)
        return (
            deployment, try PersonSigner.open(invocation, deployment),
            try PersonSigner.trustFile(of: deployment).org
        )
    }
}
