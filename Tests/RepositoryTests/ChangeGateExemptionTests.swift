import InterlockTesting
import Testing

/// A gateway without the change gate would serve an agent that no eval covers. The types that pass every agent are made
/// in two places: for trials of agent cases, and for the second gateway of a drill, whose agents no policy can name.
struct ChangeGateExemptionTests {
    @Test(arguments: [
        ("TrialGate", "Sources/Programs/EvalTrials/Gateway/TrialGateway.swift"),
        ("OpenGate", "Sources/Gateway/Administration/Drill/DrillEnvironment.swift"),
    ])
    func `a gate that passes everyone is made in one place`(_ type: String, _ place: String) {
        let makers = Repository.files(under: "Sources", endingIn: [".swift"], having: type + "(")
        #expect(makers == [place])
    }

    @Test func `no other type of the sources is a change gate than that of the gateway`() {
        let types = Repository.files(
            under: "Sources", endingIn: [".swift"], having: ": ChangeGate ")
        #expect(
            types.sorted() == [
                "Sources/Gateway/ChangeGate/ChangeGateRegistry.swift",
                "Sources/Gateway/Governor/Gates/ChangeGate.swift",
                "Sources/Programs/EvalTrials/Gateway/TrialGate.swift",
            ])
    }

    /// The program that serves agents cannot reach the gate of trials: its type is internal to a module that it does not
    /// import.
    @Test(.requirement("R116"))
    func `the gate of trials is internal, and only the commands of evals import its module`() {
        let file = "Sources/Programs/EvalTrials/Gateway/TrialGate.swift"
        #expect(Repository.has("\nstruct TrialGate: ChangeGate {", in: Repository.text(of: file)))
        let importers = Repository.files(
            under: "Sources", endingIn: [".swift"], having: "import InterlockEvalTrials")
        #expect(!importers.isEmpty)
        #expect(importers.allSatisfy { $0.hasPrefix("Sources/Programs/EvalCommands/") })
    }
}
