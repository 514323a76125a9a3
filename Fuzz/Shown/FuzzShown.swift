import InterlockInvariants

@c(LLVMFuzzerTestOneInput)
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    unsafe Invariants.shown(Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}
