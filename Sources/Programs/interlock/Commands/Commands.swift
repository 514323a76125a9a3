/// Every command, in the order in which the overview prints them.
let commands: [Command] = [
    .initialize, .serve, .status, .stdio,
    .policyCheck, .policyTest, .policyExplain, .policyWorstCase, .policyDiff, .policyMutate,
    .policySchema, .serversList, .serversImport, .serversPin,
    .serversDrift, .serversQuarantine, .serversRelease, .agentsList, .agentsToken, .agentsWho,
    .approvalsList, .approvalsShow, .approvalsApprove, .approvalsDeny,
    .kill, .resume,
    .elevateRequest, .elevateApprove, .elevateList, .elevateEnd,
    .auditWitnessStatus, .auditWitnessAdd, .auditWitnessRemove, .auditWitnessTest,
    .auditWitnessKey, .auditWitnessServe,
    .auditTail, .auditQuery, .auditShow, .auditGaps, .auditExport, .auditVerify, .auditProve,
    .auditBundle, .auditErase, .auditReplay, .auditRecords, .auditEpochList, .auditEpochNew,
    .auditPrune, .auditKeyList, .auditKeyRotate,
    .peopleKey, .configReference,
]
