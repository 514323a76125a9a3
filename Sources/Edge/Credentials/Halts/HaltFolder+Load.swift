package import InterlockModel
package import InterlockPorts

/// The state that a start read from `state/kill/`.
package struct LoadedHalts: Sendable {
    package var book: HaltHistory
    /// Is nil if the trust file could not be used; no order can then be verified until the file is repaired.
    package var trust: AuthorizedKeys?
    /// The faults found. Each one halted the organisation by an order of this node, which two people must release.
    package var faults: [HaltFault]
    /// If false, some of the state is only in memory, and the node must report it.
    package var durable: Bool
}

extension HaltFolder {
    /// Reads everything and never fails: an unknown state counts as halted.
    ///
    /// - Parameter newDeployment: whether `interlock init` is done and the ledger is empty. Only then may the folder
    ///   be missing.
    package func load(newDeployment: Bool) -> LoadedHalts {
        var faults: [HaltFault] = []
        checkFolders(&faults, newDeployment: newDeployment)
        let trust = readTrust(&faults)
        if !readDrillKeys() { faults.add("the keys of drills cannot be used", drillPath) }
        let (epoch, known) = readEpoch(&faults, newDeployment: newDeployment)
        var loaded = LoadedHalts(
            book: HaltHistory(epoch: epoch), trust: trust, faults: faults, durable: true)
        let files = readOrders(&loaded)
        let present = Set(files.map { hashing.sha256($0.envelope.payload) })
        if known, !epoch.orders.allSatisfy(present.contains) {
            loaded.faults.add("an order that the epoch names is missing", epochPath)
        }
        if let trust {
            judge(files, by: trust, into: &loaded)
        } else {
            restoreOwn(files, into: &loaded)
        }
        stopForFaults(&loaded)
        return loaded
    }

    /// The people enrolled by the trust file alone. Is nil if the file cannot be used, which `load` reports.
    package var trust: AuthorizedKeys? {
        var faults: [HaltFault] = []
        return readTrust(&faults)
    }

    private struct OrderFile {
        let name: String
        let envelope: Envelope
    }

    private func checkFolders(_ faults: inout [HaltFault], newDeployment: Bool) {
        do {
            try GuardedFile.checkFolder(orders)
        } catch  where error.code == .missing && newDeployment {
            do { try makeFolders() } catch {
                faults.add("the folder of orders cannot be made", orders)
            }
        } catch  where error.code == .missing {
            faults.add("the folder of orders is missing", orders)
        } catch {
            faults.add("the folder of orders cannot be used", orders)
        }
    }

    /// If there is no usable trust file, only this node's own halts can be verified. They are restored so that the
    /// next start does not add the same halts again.
    private func restoreOwn(_ files: [OrderFile], into loaded: inout LoadedHalts) {
        for file in files {
            let isNamed = loaded.book.epoch.orders.contains(
                hashing.sha256(file.envelope.payload))
            for key in [key.publicKey] + (isNamed ? formerKeys : []) {
                let halt = try? SignedOrderVerifier.ownHalt(
                    file.envelope, org: org, key: key, verifier: verifier)
                if let halt { loaded.book.restore(halt, hashing: hashing) }
            }
        }
    }

    private func readTrust(_ faults: inout [HaltFault]) -> AuthorizedKeys? {
        do {
            let bytes = try GuardedFile.read(trustPath, limit: TrustLimits.bytes, rules: .trusted)
            let trust = try AuthorizedKeys(parsing: bytes)
            guard trust.org == org else {
                faults.add("the trust file is of the organisation `\(trust.org)`", trustPath)
                return nil
            }
            return trust
        } catch let failure as KeyFailure where failure.code == .missing {
            faults.add("the trust file is missing", trustPath)
        } catch {
            faults.add("the trust file cannot be used", trustPath)
        }
        return nil
    }

    /// Returns the stored epoch and true, or a new first epoch and false.
    private func readEpoch(
        _ faults: inout [HaltFault], newDeployment: Bool
    ) -> (Epoch, known: Bool) {
        do {
            let bytes = try GuardedFile.read(
                epochPath, limit: HaltFolder.largestEpoch, rules: .trusted)
            let envelope = try Envelope(parsing: bytes, payloadLimit: OrderLimits.epochBytes)
            let epoch = try Epoch(parsing: envelope.payload)
            if envelope.payloadType == .epoch, envelope.signatures.map(\.key) == [key.publicKey],
                envelope.isSigned(by: verifier), epoch.org == org
            {
                return (epoch, true)
            }
            faults.add("the epoch is not this node's", epochPath)
        } catch let failure as KeyFailure where failure.code == .missing {
            if !newDeployment {
                faults.add("the epoch is missing", epochPath)
            }
        } catch {
            faults.add("the epoch cannot be read", epochPath)
        }
        return (.first(org: org, node: node, at: clock.wall), false)
    }

    private func readOrders(_ loaded: inout LoadedHalts) -> [OrderFile] {
        let names: [String]
        do {
            names = try GuardedFile.names(in: orders)
        } catch  where error.code == .missing {
            return []
        } catch {
            loaded.faults.add("the folder of orders cannot be read", orders)
            return []
        }
        var files: [OrderFile] = []
        for name in names {
            do {
                let bytes = try GuardedFile.read(
                    "\(orders)/\(name)", limit: HaltFolder.largestOrder, rules: .trusted)
                files.append(OrderFile(name: name, envelope: try Envelope(parsing: bytes)))
            } catch {
                loaded.faults.add("an order file cannot be read", "\(orders)/\(name)")
            }
        }
        return files
    }

    /// Halts are applied before releases. The resulting set does not depend on the order, but a release of an absent
    /// halt could not be distinguished from one that was signed against no halt.
    private func judge(
        _ files: [OrderFile], by trust: AuthorizedKeys, into loaded: inout LoadedHalts
    ) {
        let before = judge(trust, passkeys: .ofThePast, formerKeys)
        let now = judge(trust, passkeys: party.map { PasskeyVerifier($0) }, [])
        let at = clock.wall
        var epochIsOld = false
        for kind in [PayloadType.halt, .release] {
            for file in files where file.envelope.payloadType == kind {
                let judgedBefore = loaded.book.epoch.orders.contains(
                    hashing.sha256(file.envelope.payload))
                if !judgedBefore { epochIsOld = true }
                do {
                    switch (kind, judgedBefore) {
                    case (.halt, true):
                        loaded.book.restore(
                            try before.halt(file.envelope, .judgedBefore), hashing: hashing)
                    case (.halt, false):
                        _ = try loaded.book.apply(
                            try now.halt(file.envelope, .now(at)), at: at, hashing: hashing)
                    case (_, true):
                        loaded.book.restore(
                            try before.release(file.envelope, .judgedBefore), hashing: hashing)
                    case (_, false):
                        _ = try loaded.book.apply(
                            try now.release(file.envelope, .now(at)), at: at, hashing: hashing)
                    }
                } catch {
                    loaded.faults.add("an order is not valid: \(error)", "\(orders)/\(file.name)")
                }
            }
        }
        for file in files where ![.halt, .release].contains(file.envelope.payloadType) {
            loaded.faults.add("a file is no order", "\(orders)/\(file.name)")
        }
        if epochIsOld, loaded.faults.isEmpty {
            do { try write(loaded.book.epoch) } catch { loaded.durable = false }
        }
    }

    /// Verifies passkey signatures by the trust file alone, which records no counters: there may be no store.
    ///
    /// - Parameter verifier: the verifier of passkeys, or nil if signing by passkey is not configured.
    private func judge(
        _ trust: AuthorizedKeys, passkeys verifier: PasskeyVerifier?, _ formerKeys: [PublicKey]
    ) -> HaltVerifier {
        let enrolled = Dictionary(
            trust.passkeys.map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
        return HaltVerifier(
            SignedOrderVerifier(
                trust: trust, verifier: self.verifier, ownKey: key.publicKey,
                formerKeys: formerKeys,
                passkeys: verifier.map { verifier in
                    EnrolledPasskeyVerifier(
                        hashing: hashing, find: { enrolled[$0] },
                        verify: { assertion, challenge, passkey throws(AssertionRefusal) in
                            try verifier.verify(assertion, challenge: challenge, by: passkey)
                        })
                }), drill: drillVerifier)
    }
}

extension [HaltFault] {
    fileprivate mutating func add(_ reason: String, _ file: String) {
        append(HaltFault(reason: reason, file: file))
    }
}
