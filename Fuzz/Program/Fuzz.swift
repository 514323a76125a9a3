import Glibc
import InterlockInvariants

/// The parser under test; FUZZ_TARGET names its folder.
private let check: @Sendable ([UInt8]) -> Void = {
    let name = unsafe getenv("FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
    guard let target = FuzzTarget.all.first(where: { $0.folder == name }) else {
        preconditionFailure("FUZZ_TARGET names no folder of a corpus: `\(name)`")
    }
    return target.check
}()

@c(LLVMFuzzerTestOneInput)
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    unsafe check(Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}

/// Makes what the parser needs once, such as compiled rules, outside of the time of one input.
@c(LLVMFuzzerInitialize)
public func prepare(_ count: UnsafeMutableRawPointer?, _ words: UnsafeMutableRawPointer?) -> CInt {
    check([])
    return 0
}
