import InterlockCredentials
import InterlockEvals
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockChangeGate
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The results that the change gate knows of one agent: no more than it counts within a call's patience, and none that an
/// older submission could bring back.
@Suite(.requirement("R116")) struct ResultBoundsTests {
    private let reader = GateBench.reader

    /// A result of a fingerprint of its own, which ended this many seconds after the others of number 0.
    private func known(_ gated: GateBench, _ number: Int, ended: Int? = nil) throws -> KnownResult {
        let hashing = OpenSSLHashing()
        let parts = try gated.parts(of: reader)
        let own = AgentFingerprint(
            agent: reader, model: parts.model, policy: parts.policy,
            prompt: hashing.sha256([UInt8(number & 255), UInt8(number >> 8)]),
            skills: parts.skills, tools: parts.tools)
        let result = gated.result(
            of: own, ended: gated.bench.clock.now.wall + .seconds(Int64(ended ?? number)))
        let envelope = try GateBench.pipeline.envelope(.evalResult, try result.canonical())
        return KnownResult(
            try SignedEvalResult(envelope, hashing: hashing), verifiedBy: OpenSSLVerifier())
    }

    @Test func `above the bound the oldest result is forgotten, in whatever order they came`()
        async throws
    {
        let gated = try await GateBench()
        let most = GateInputs.mostResults
        let all = try (0..<most + 20).map { try known(gated, $0) }
        for order in [all, Array(all.reversed())] {
            var inputs = GateInputs()
            for one in order { inputs.add(one) }
            let ended = Set((inputs.results[reader] ?? []).map(\.result.ended))
            #expect(ended == Set(all.suffix(most).map(\.result.ended)))
            #expect(inputs.forgotten[reader] == all[19].result.ended)
            // The same fingerprint once more takes the place of the one before.
            inputs.add(try known(gated, most, ended: most + 100))
            #expect(inputs.results[reader]?.count == most)
            #expect(inputs.forgotten[reader] == all[19].result.ended)
        }
    }

    /// Otherwise a pass would count again whose failure was forgotten.
    @Test func `what is older than a forgotten result is too old`() async throws {
        let gated = try await GateBench()
        let most = GateInputs.mostResults
        var inputs = GateInputs()
        for number in 1...most { inputs.add(try known(gated, number)) }
        #expect(try inputs.isTooOld(known(gated, 5000, ended: 0).result))
        #expect(try inputs.isTooOld(known(gated, 5000, ended: 1).result))
        #expect(try !inputs.isTooOld(known(gated, 5000, ended: 2).result))
        inputs.add(try known(gated, 6000))
        #expect(try inputs.isTooOld(known(gated, 1).result))
        #expect(try !inputs.isTooOld(known(gated, 7000).result))
    }

    @Test func `a submission that is too old is refused, and changes nothing`() async throws {
        let gated = try await GateBench()
        for number in 1...GateInputs.mostResults + 1 {
            try await gated.submit(try known(gated, number).result)
        }
        let before = gated.log.lines.count
        let old = try known(gated, 5000, ended: 1).result
        await #expect(throws: Problem.self) { try await gated.submit(old) }
        #expect(gated.log.lines.count == before)
        #expect(!gated.registry.results(of: reader).contains { $0.result == old })
    }

    @Test func `fewer results are never too old`() async throws {
        let gated = try await GateBench()
        var inputs = GateInputs()
        inputs.add(try known(gated, 50))
        #expect(try !inputs.isTooOld(known(gated, 1).result))
    }
}
