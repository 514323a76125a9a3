/// The boundary that holds whatever a host does: a run.
enum SandboxChecks {
    static func all(_ facts: DoctorFacts) -> [DoctorCheck] {
        let sandbox = facts.sandbox
        if sandbox.isInside {
            return [DoctorCheck(.sandbox, nil, .enforced(at: .sandbox), sandbox.detail)]
        }
        guard facts.user.id != 0 else {
            return [DoctorCheck(.sandbox, nil, .unknown, "no run is made by root")]
        }
        guard sandbox.isPossible else {
            return [
                DoctorCheck(
                    .sandbox, nil, .failed,
                    "`interlock run` cannot make one here: \(sandbox.detail)",
                    help: "interlock run --check")
            ]
        }
        return [
            DoctorCheck(
                .sandbox, nil, .guidance,
                "`interlock run` can make one here: \(sandbox.detail)",
                help: "start the host with `interlock run`")
        ]
    }
}
