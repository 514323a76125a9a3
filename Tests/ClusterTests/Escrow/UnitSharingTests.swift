import InterlockCluster
import InterlockModel
import Testing

struct UnitSharingTests {
    private func sharing(
        isSum: Bool = false, most: Int64 = 100, _ toolClass: ToolClass? = .read,
        _ effects: EffectSet = [], needsPeople: Bool = false
    ) -> UnitSharing {
        UnitSharing(
            isSum: isSum, most: most, toolClass: toolClass, effects: effects,
            needsPeople: needsPeople)
    }

    @Test func `a read and a write of a large limit share batches`() {
        #expect(sharing(.read) == .rate)
        #expect(sharing(.write) == .rate)
        for effect in [Effect.read, .sensitiveData, .reversible, .customerFacing] {
            #expect(sharing(.write, EffectSet(effect)) == .rate)
        }
    }

    @Test func `sums, small numbers, grave classes and effects, and what people decide are exact`()
    {
        #expect(sharing(isSum: true) == .exact)
        #expect(sharing(most: 7) == .exact)
        #expect(sharing(most: 8) == .rate)
        #expect(sharing(most: 0) == .exact)
        #expect(sharing(.destructive) == .exact)
        #expect(sharing(.admin) == .exact)
        #expect(sharing(needsPeople: true) == .exact)
        for effect in [Effect.irreversible, .spendsMoney, .production] {
            #expect(sharing(.write, EffectSet(effect)) == .exact)
        }
    }

    @Test func `a tool of unknown class is exact`() {
        #expect(sharing(nil) == .exact)
    }
}
