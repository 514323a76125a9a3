/// The calls of one agent that were let through, and those that were refused.
package struct CallCounts: Sendable, Hashable {
    package var done: Int64 = 0
    package var refused: Int64 = 0

    package init(done: Int64 = 0, refused: Int64 = 0) {
        self.done = done
        self.refused = refused
    }

    static func + (a: CallCounts, b: CallCounts) -> CallCounts {
        CallCounts(done: a.done + b.done, refused: a.refused + b.refused)
    }

    static func - (a: CallCounts, b: CallCounts) -> CallCounts {
        CallCounts(done: a.done - b.done, refused: a.refused - b.refused)
    }

    var isNothing: Bool { done <= 0 && refused <= 0 }
}
