import InterlockTesting
import Testing

@testable import InterlockSigning

@Suite(.requirement("R097")) struct TreeSlotTests {
    private func slot(_ number: UInt64, _ content: UInt8 = 7) -> [UInt8] {
        TreeSlot.encode([UInt8](repeating: content, count: 900), number: number)
    }

    /// The first sectors of one slot and the others of another one.
    private func torn(_ new: [UInt8], _ old: [UInt8], after sectors: Int) -> TreeSlot {
        TreeSlot(Array(new.prefix(512 * sectors)) + Array(old.dropFirst(512 * sectors)))
    }

    private func newest(_ slots: [TreeSlot]) -> TreeSlot.Newest? {
        TreeSlot.newest(slots, hasTree: slots.map { $0.number != nil })
    }

    @Test func `a slot is read back, and any change of a byte is noticed`() {
        let bytes = slot(41)
        #expect(bytes.count == TreeSlot.byteCount)
        #expect(TreeSlot(bytes).number == 41)
        #expect(TreeSlot(bytes).content.prefix(900).allSatisfy { $0 == 7 })
        #expect(TreeSlot(bytes).numbered(42) == slot(42))
        #expect(TreeSlot([]).number == nil)
        #expect(TreeSlot([UInt8](repeating: 0, count: TreeSlot.byteCount)).number == nil)
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= 4
            #expect(TreeSlot(damaged).number == nil, "byte \(place)")
        }
    }

    @Test func `the slot that was written last is chosen`() {
        let (five, six) = (TreeSlot(slot(5)), TreeSlot(slot(6)))
        #expect(
            newest([five, six]) == TreeSlot.Newest(slot: 1, number: 6, isOtherDamaged: false))
        #expect(
            newest([six, five]) == TreeSlot.Newest(slot: 0, number: 6, isOtherDamaged: false))
        #expect(newest([five, five]) == nil)
        #expect(newest([TreeSlot(slot(4)), six]) == nil)
    }

    /// Whatever sectors a broken write left, the tree before it is right, and its signature had not left.
    @Test func `a write that was broken off is told apart from damage to a complete one`() {
        let whole = TreeSlot(slot(6))
        for sectors in 1...7 {
            for other in [
                torn(slot(7, 9), slot(5), after: sectors),
                torn(slot(5), slot(7, 9), after: sectors),
            ] {
                #expect(
                    newest([whole, other])
                        == TreeSlot.Newest(slot: 0, number: 6, isOtherDamaged: true))
                #expect(
                    newest([other, whole])
                        == TreeSlot.Newest(slot: 1, number: 6, isOtherDamaged: true))
            }
        }
        for place in stride(from: 0, to: TreeSlot.byteCount, by: 37) {
            var damaged = slot(7, 9)
            damaged[place] ^= 1
            #expect(newest([whole, TreeSlot(damaged)]) == nil, "byte \(place)")
            #expect(newest([TreeSlot(damaged), whole]) == nil, "byte \(place)")
        }
        let nothing = TreeSlot([UInt8](repeating: 0, count: TreeSlot.byteCount))
        #expect(newest([whole, nothing]) == nil)
        #expect(newest([nothing, whole]) == nil)
        #expect(newest([nothing, nothing]) == nil)
    }
}
