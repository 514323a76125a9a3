import CLinux

/// How glibc's allocator behaves in a process that serves for weeks.
enum Heap {
    private static let keptBytes: Int32 = 8 << 20

    /// A loop's arena would give its top pages back and fetch them again with every few calls.
    static func keepPages() {
        mallopt(M_TRIM_THRESHOLD, keptBytes)
        mallopt(M_TOP_PAD, 256 << 10)
    }

    /// What a start leaves behind (policy texts, recovery) goes back to the kernel.
    static func giveBack() { malloc_trim(0) }
}
