import InterlockJSON
import InterlockLedger
import InterlockModel
import Testing

@testable import InterlockTrust

// The course of the year.
extension SimulatedYear {
    mutating func live() async throws {
        try await load("first")
        try await rise()
        try await fall()
        try await change()
        try await end()
    }

    /// It earns the highest stage.
    mutating func rise() async throws {
        for day in [Int64(33), 63, 93] {
            try await work(until: day)
            try await promote()
        }
        #expect(history.earned(at: now) == .full)
    }

    /// Each trigger takes what it does, and people undo it.
    mutating func fall() async throws {
        for trigger in DemotionTrigger.allCases {
            try await work(until: day + 3)
            try await demote(by: trigger)
            try await run(.clean)
            point("after \(trigger.rawValue)")
            while history.earned(at: now) < .full {
                try await promote(undoes: history.cooldownEnd != nil)
            }
        }
    }

    /// Each change of what shapes the agent, with runs before and after it.
    mutating func change() async throws {
        try await work(until: day + 9)
        model = "model-b"
        try await work(until: day + 9)
        for part in ["skills", "prompt", "settings"] {
            changedFiles.insert(part)
            try await work(until: day + 9)
        }
        try await load("narrower")
        try await work(until: day + 9)
        try await load("wider")
        try await work(until: day + 9)
        try await load("unknown")
        try await work(until: day + 3)
        for (state, lock) in [("new", "one"), ("gone", "one"), ("changed", "two"), ("new", "two")] {
            try await pin(state, lock)
            try await work(until: day + 3)
        }
    }

    /// Exceptions, halts, incidents, ceilings, a wave of denials, and at last a promotion that people do not attest again.
    mutating func end() async throws {
        try await run(.clean, keepsOpen: true)
        _ = try await append(
            .evalExcepted,
            [
                "agent": .string(TrustFixture.agent.text), "signers": [Self.person],
                "until": .integer((now + .seconds(86_400)).microseconds), "by": Self.person,
                "proof": Self.unkept,
            ])
        try await run(.clean)
        point("under an exception")
        try await work(until: day + 6)
        try await run(.clean, keepsOpen: true)
        _ = try await append(
            .killRequested,
            [
                "scope": "agent", "target": .string(TrustFixture.agent.text), "kep": 1,
                "by": Self.person, "src": "cli", "code": "person", "why": Self.unkept,
            ])
        point("halted")
        for to in [AutonomyStage.assisted, .full] {
            _ = try await append(
                .trustDelegated,
                [
                    "agent": .string(TrustFixture.agent.text), "to": .string(to.name),
                    "signers": [Self.person], "by": Self.person, "proof": Self.unkept,
                ])
            try await run(.clean)
            point("the owner permits \(to.name)")
        }
        let attack = try await append(
            .callDenied,
            [
                "agent": .string(TrustFixture.agent.text), "code": "limits.calls", "dec": "deny",
                "cnt": 3,
            ])
        for cause in [DenialCause.attack, .agent, .policy] {
            try await classify(attack.leafHash, as: cause)
        }
        for _ in 0..<6 { try await run(.denied) }
        point("a wave of denials")
        try await work(until: 365)
        wait(until: 366)
    }
}
