import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Canaries that the operator adds and removes.
@Suite(.requirement("R082")) struct PlantedValueServiceTests {
    private static let name = PlantedValueName("decoy").unwrapped
    private let by = PlainPseudonyms().pseudonym(of: People.all["li"].person)
    private let log = MemoryControlLog()

    private static func digest(_ key: UInt8) -> PlantedValueEntry.KeyedDigest {
        { OpenSSLHashing().sha256([key] + $0) }
    }

    private func registry(key: UInt8 = 7) async throws -> PlantedValueRegistry {
        try await PlantedValueRegistry(from: log, digest: Self.digest(key))
    }

    private func names(_ registry: PlantedValueRegistry) -> [String] {
        registry.values.values.map(\.name.description)
    }

    @Test func `a canary is recorded without its value, and is the same after a restart`()
        async throws
    {
        let bench = try Bench()
        let registry = try await registry()
        #expect(registry.values.values.isEmpty && registry.values.revision.isEmpty)
        let service = PlantedValueService(gateway: bench.gateway, log: log, registry: registry)
        let planted = try await service.add(Self.name, .token, by: by)
        #expect(registry.values.values == [planted] && !registry.values.revision.isEmpty)
        let record = try #require(bench.ledger.drafts(of: .canaryAdded).first)
        #expect(record.fields["cny"] == "decoy" && record.fields["by"] == .string(by.text))
        #expect(record.payloads.isEmpty && log.lines == ["canary decoy"])
        let text = String(decoding: planted.bytes, as: UTF8.self)
        let kept =
            log.all.map { String(decoding: $0.bodyBytes, as: UTF8.self) }
            + [String(decoding: JSONValue.object(record.fields).serialized(), as: UTF8.self)]
        #expect(!kept.contains { $0.contains(String(text.dropFirst(4))) })
        let next = try await self.registry()
        #expect(
            next.values.values == [planted] && next.all.map(\.entry) == registry.all.map(\.entry))
        await #expect(throws: PlantedValueRefusal.known(Self.name)) {
            _ = try await service.add(Self.name, .password, by: by)
        }
    }

    @Test func `a removed canary stays removed, and its name may be used again`() async throws {
        let bench = try Bench()
        let registry = try await registry()
        let service = PlantedValueService(gateway: bench.gateway, log: log, registry: registry)
        await #expect(throws: PlantedValueRefusal.unknown(Self.name)) {
            try await service.remove(Self.name, by: by)
        }
        let first = try await service.add(Self.name, .token, by: by)
        let revision = registry.values.revision
        try await service.remove(Self.name, by: by)
        #expect(registry.values.values.isEmpty && registry.values.revision != revision)
        #expect(bench.ledger.drafts(of: .canaryRemoved).count == 1)
        #expect(names(try await self.registry()).isEmpty)
        let second = try await service.add(Self.name, .token, by: by)
        #expect(second != first && registry.values.values == [second])
        #expect(try await self.registry().values.values == [second])
    }

    @Test func `what cannot be recorded or kept changes nothing that is searched for`() async throws
    {
        let bench = try Bench()
        let registry = try await registry()
        let service = PlantedValueService(gateway: bench.gateway, log: log, registry: registry)
        bench.ledger.refuse(.canaryAdded, kept: false)
        await #expect(throws: PlantedValueRefusal.self) {
            _ = try await service.add(Self.name, .token, by: by)
        }
        bench.ledger.accept()
        log.fail()
        await #expect(throws: PlantedValueRefusal.unkept("disk")) {
            _ = try await service.add(Self.name, .token, by: by)
        }
        #expect(names(registry).isEmpty && log.all.isEmpty)
        let taken = try #require(bench.ledger.drafts(of: .canaryRemoved).last)
        #expect(taken.fields["code"] == "addition.unkept")
        log.mend()
        let planted = try await service.add(Self.name, .token, by: by)
        log.fail()
        await #expect(throws: PlantedValueRefusal.unkept("disk")) {
            try await service.remove(Self.name, by: by)
        }
        #expect(registry.values.values == [planted])
        let kept = try #require(bench.ledger.drafts(of: .canaryAdded).last)
        #expect(kept.fields["code"] == "removal.unkept")
    }

    @Test
    func `a control log with a canary of another key, or that cannot be read, gives no registry`()
        async throws
    {
        let bench = try Bench()
        let service = PlantedValueService(
            gateway: bench.gateway, log: log, registry: try await registry())
        _ = try await service.add(Self.name, .token, by: by)
        await #expect {
            _ = try await self.registry(key: 8)
        } throws: { error in
            guard case .foreignCanary(.foreign("decoy"))? = error as? ControlLogFailure else {
                return false
            }
            return true
        }
        _ = try await log.append([ControlDraft(.canary, "forged", ["form": "token"])])
        await #expect(throws: ControlLogFailure.self) { _ = try await self.registry() }
    }

    @Test
    func `an end that was made without the key, or copied from another one, gives no registry`()
        async throws
    {
        let bench = try Bench()
        let service = PlantedValueService(
            gateway: bench.gateway, log: log, registry: try await registry())
        func isRefused() async -> Bool {
            do {
                _ = try await registry()
                return false
            } catch {
                guard case .foreignCanary(.foreignEnd("decoy"))? = error as? ControlLogFailure
                else { return false }
                return true
            }
        }
        _ = try await service.add(Self.name, .token, by: by)
        try await service.remove(Self.name, by: by)
        let (made, ended) = (log.all[0], log.all[1])
        #expect(names(try await registry()).isEmpty)
        _ = try await service.add(Self.name, .token, by: by)
        #expect(names(try await registry()) == ["decoy"])
        // The end of the first canary of the name, also after a copy of it.
        let kept = log.all.count
        for forged in [[ended], [made, ended]] {
            for entry in forged {
                _ = try await log.append([ControlDraft(entry.kind, entry.subject, entry.body)])
            }
            #expect(await isRefused(), "\(log.lines)")
            log.cut(to: kept)
        }
        _ = try await log.append([ControlDraft(.canaryEnd, "decoy", [:])])
        #expect(await isRefused())
        log.cut(to: kept)
        try await service.remove(Self.name, by: by)
        #expect(names(try await registry()).isEmpty)
    }
}
