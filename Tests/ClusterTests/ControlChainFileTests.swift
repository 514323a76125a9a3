import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// The file `control.chain`.
@Suite struct ControlChainFileTests {
    @Test func `entries are read as they were written, those without a body too`() throws {
        var chain = try ClusterChain()
        try chain.append(.narrowing(.end(ClusterOrganisation.request(1))))
        try chain.append(.narrowing(.runEnd(ClusterOrganisation.run(1))))
        chain.hide(1)
        let bytes = try chain.rows.flatMap { try ControlChainFile.line($0) }
        #expect(try ControlChainFile.entries(parsing: bytes) == chain.rows)
        #expect(try ControlChainFile.entries(parsing: []).isEmpty)
    }

    @Test func `a line that was cut or has another spelling is malformed`() throws {
        let bytes = try ControlChainFile.line(try ClusterChain().rows[0])
        for bad in [bytes.dropLast(), bytes + bytes.dropLast(), [0x20] + bytes, bytes + [0x0a]] {
            #expect(throws: FormError.self) {
                try ControlChainFile.entries(parsing: Array(bad))
            }
        }
    }
}
