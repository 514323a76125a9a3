import InterlockCluster
import InterlockClusterAudit
import InterlockTesting
import Testing

/// The rules X1 to X9 over the logs of two nodes: an honest scene, and one edit for each way to break a rule.
@Suite(.requirement("R097")) struct ClusterAuditTests {
    @Test func `the logs of an honest cluster have no finding`() throws {
        let findings = try AuditedScene().findings()
        #expect(findings.isEmpty, "\(findings)")
    }

    @Test(
        arguments: [
            (.voteOnAnother, .votes, "another request"), (.voteOfStranger, .votes, "not enrolled"),
            (.voteMissing, .votes, "lacks"), (.voteUnsigned, .votes, "no signed statement"),
            (.usedTwice, .uses, "another record"), (.useWithoutEntry, .uses, "names no entry"),
            (.usedTooOften, .uses, "has 2 uses"), (.noHome, .runs, "2 chains"),
            (.otherHome, .runs, "another `home`"),
            (.homeOnOtherNode, .runs, "`gw2` has none"),
            (.homeInTwoForms, .runs, "no right form"), (.endMissing, .runs, "does not name"),
            (.endShort, .runs, "another end"), (.callAfterHalt, .halts, "within the halt"),
            (.logOfStranger, .members, "of no member"),
            (.callBeforeAdmission, .members, "no member at entry 0"),
            (.logMissing, .logs, "`gw1` is missing"), (.tooManyUnits, .limits, "7 units"),
            (.otherPolicy, .revisions, "by another policy"),
            (.useUnderOther, .revisions, "by another policy"),
            (.otherLoaded, .revisions, "than that of the revision"),
            (.decisionWithoutEntry, .revisions, "names no entry"),
            (.tickOfFork, .references, "another entry"), (.tickBeyond, .references, "chain ends"),
            (.tickEarlier, .references, "after one at"),
            (.haltOfOtherKind, .references, "of kind `revision`"),
            (.chainCut, .references, "chain ends"),
        ] as [(AuditedScene.Edit, ClusterFinding.Rule, String)])
    func `an edit is a fault of its rule`(
        _ edit: AuditedScene.Edit, _ rule: ClusterFinding.Rule, _ part: String
    ) throws {
        let findings = try AuditedScene(edit).findings()
        #expect(
            findings.contains {
                $0.severity == .fault && $0.rule == rule && $0.text.contains(part)
            }, "\(findings)")
    }

    @Test func `a run that names the node of its start, and not its hash, has no finding`() throws {
        let findings = try AuditedScene(.homeOnNode).findings()
        #expect(findings.isEmpty, "\(findings)")
    }

    @Test func `a use whose call was refused because of another revision has no finding`() throws {
        let findings = try AuditedScene(.useRefused).findings()
        #expect(findings.isEmpty, "\(findings)")
    }

    @Test func `a use of the chain without a record is listed and no fault`() throws {
        let findings = try AuditedScene(.useUnrecorded).findings()
        #expect(findings.map(\.rule) == [.unrecordedUses], "\(findings)")
        #expect(findings.map(\.severity) == [.listed])
    }

    @Test func `with a log that is known to be lost, what it would prove is not checked`() throws {
        let lost = try AuditedScene(.logMissing).findings(
            lost: [NodeName("gw1").unwrapped])
        #expect(!lost.isEmpty && lost.allSatisfy { $0.severity == .unchecked }, "\(lost)")
    }

    @Test func `a row that was edited ends the chain with a fault`() throws {
        let scene = try AuditedScene()
        var rows = scene.chain.rows
        rows[2].body?[10] ^= 1
        let history = try scene.chain.history(rows)
        #expect(history.head.number == 1)
        #expect(history.findings.map(\.rule) == [.chain])
        #expect(throws: EntryRejection.self) { try scene.chain.history(Array(rows.dropFirst())) }
    }
}
